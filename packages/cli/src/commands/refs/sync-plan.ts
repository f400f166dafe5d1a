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

const isThere = async (source: CopySource, path: string, isSumChecked: boolean): Promise<boolean> => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.size !== source.size) return false;
  return !isSumChecked || (await sha1OfFile(path)) === (source.sha1 ?? (await sha1OfSource(source)));
};

export interface PlanOptions {
  readonly isWithReferences: boolean;
  /** Compare files that are there by their sums too, not by their sizes alone. */
  readonly isSumChecked: boolean;
}

export const planSync = async (
  origin: OriginContext,
  to: Destination,
  { isWithReferences, isSumChecked }: PlanOptions,
): Promise<SyncPlan> => {
  const mappings = mappingsToCopy(origin, to);
  const references: SyncPlan['references'][number][] = [];
  const absent: string[] = [];
  let there = origin.mappings.length - mappings.length;
  for (const { name, instrument, source } of isWithReferences ? origin.references : []) {
    const path = to.reference(name, instrument);
    if (!source) existsSync(path) ? there++ : absent.push(name);
    else if (await isThere(source, path, isSumChecked)) there += 1;
    else references.push({ source, path });
  }
  return { mappings, references, absent, there };
};
