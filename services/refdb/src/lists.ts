import { readFileSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import {
  CrdsError,
  contextsOf,
  diffContexts,
  diffText,
  filesOf,
  type LocalReferences,
  locateMapping,
  parseMapping,
} from '@iris-drs/crds';
import type {
  ContextInfo,
  DiffResponse,
  ListContextsResponse,
  ListReferencesRequest,
  ListReferencesResponse,
  ReferenceInfo,
} from '@iris-drs/proto';
import type { Checksums } from './checksums.ts';

const derivedFrom = (layout: { path: string; observatory: string }, context: string): string => {
  try {
    return parseMapping(readFileSync(locateMapping(layout, context), 'utf8'), context, {
      ignoreChecksum: true,
    }).derivedFrom;
  } catch (error) {
    if (!(error instanceof CrdsError)) throw error;
    return '';
  }
};

/** Every context of the cache, those that cannot be loaded too. */
export const listContexts = async (path: string, inForce: LocalReferences): Promise<ListContextsResponse> => {
  const contexts: ContextInfo[] = [];
  for (const { context, observatory } of contextsOf(path)) {
    contexts.push({ context, observatory, derivedFrom: derivedFrom({ path, observatory }, context) });
    await breathe();
  }
  contexts.sort((a, b) => (a.context < b.context ? -1 : 1));
  return { contexts, inForce: await inForce.context() };
};

/** Every reference that rules of a context name, by type and name. */
export const listReferences = async (
  { referenceTypes }: ListReferencesRequest,
  source: LocalReferences,
  checksums: Checksums,
): Promise<ListReferencesResponse> => {
  const context = await source.loaded();
  const references: ReferenceInfo[] = [];
  for (const { instrument, types } of context.instruments.values()) {
    for (const [referenceType, rmap] of types) {
      const rules = context.references.get(rmap);
      if (!rules || (referenceTypes.length > 0 && !referenceTypes.includes(referenceType))) continue;
      for (const file of filesOf(rules.selector)) {
        const place = await source.locate(file).catch(() => undefined);
        references.push({
          file,
          referenceType,
          instrument,
          present: place !== undefined,
          path: place?.path ?? '',
          size: place?.size ?? 0,
          sha1: checksums.of(file) ?? '',
        });
      }
      await breathe();
    }
  }
  const key = ({ referenceType, file }: ReferenceInfo): string => `${referenceType} ${file}`;
  return { context: context.name, references: references.sort((a, b) => (key(a) < key(b) ? -1 : 1)) };
};

/** What differs between two contexts. */
export const diff = async (from: LocalReferences, to: LocalReferences): Promise<DiffResponse> => {
  const found = diffContexts(await from.loaded(), await to.loaded());
  return {
    from: found.old,
    to: found.new,
    differences: found.differences.map((each) => ({
      of: each.of,
      action: each.action,
      files: each.files.map(([old, now]) => ({ old, new: now })),
      key: each.key.map((parts) => ({ parts: [...parts] })),
      instrument: each.instrument ?? '',
      referenceType: each.type ?? '',
      old: each.old ?? '',
      new: each.new ?? '',
      text: each.text,
    })),
    text: diffText(found.differences),
  };
};
