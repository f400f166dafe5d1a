import { existsSync, statSync } from 'node:fs';
import { CliError } from '../../errors.ts';
import { type CopySource, sha1OfFile, sha1OfSource } from './copy.ts';
import type { Destination } from './destination.ts';
import { mappingText } from './files.ts';
import type { OriginContext, OriginMapping } from './origin.ts';

/** What a cache lacks of a context. */
export interface SyncPlan {
  readonly mappings: readonly (OriginMapping & { readonly path: string })[];
  readonly references: readonly { readonly source: CopySource; readonly path: string }[];
  /** References that neither side has. */
  readonly absent: readonly string[];
  /** How many files are there already. */
  readonly there: number;
}

/** @throws CliError when a mapping is there with another text: under one name it never changes */
const mappingsToCopy = ({ mappings }: OriginContext, to: Destination): SyncPlan['mappings'] =>
  mappings
    .map((mapping) => ({ ...mapping, path: to.mapping(mapping.name) }))
    .filter(({ path, text }) => {
      if (!existsSync(path)) return true;
      if (mappingText(path) === text) return false;
      const message = `${path} has another text than the mapping to be copied; a mapping never changes under its name`;
      throw new CliError(1, `${message}. Nothing was copied`);
    });

/** What the cache has under the name of a reference. */
const stateOf = async (
  source: CopySource,
  path: string,
  isSumChecked: boolean,
): Promise<'absent' | 'same' | 'other'> => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 'absent';
  if (!stat.isFile() || stat.size !== source.size) return 'other';
  if (!isSumChecked) return 'same';
  return (await sha1OfFile(path)) === (source.sha1 ?? (await sha1OfSource(source))) ? 'same' : 'other';
};

export interface PlanOptions {
  readonly isWithReferences: boolean;
  /** Compare files that are there by their sums too, not by their sizes alone. */
  readonly isSumChecked: boolean;
  /** Replace references that are there with other bytes; else they stop everything. */
  readonly isRepaired: boolean;
}

export const planSync = async (
  origin: OriginContext,
  to: Destination,
  { isWithReferences, isSumChecked, isRepaired }: PlanOptions,
): Promise<SyncPlan> => {
  const mappings = mappingsToCopy(origin, to);
  const references: SyncPlan['references'][number][] = [];
  const absent: string[] = [];
  let there = origin.mappings.length - mappings.length;
  for (const { name, instrument, source } of isWithReferences ? origin.references : []) {
    const path = to.reference(name, instrument);
    if (!source) {
      if (existsSync(path)) there += 1;
      else absent.push(name);
      continue;
    }
    const state = await stateOf(source, path, isSumChecked);
    if (state === 'same') there += 1;
    else if (state === 'absent' || isRepaired) references.push({ source, path });
    else {
      const message = `${path} has other bytes than the reference to be copied; --repair-files replaces it`;
      throw new CliError(1, `${message}. Nothing was copied`);
    }
  }
  return { mappings, references, absent, there };
};
