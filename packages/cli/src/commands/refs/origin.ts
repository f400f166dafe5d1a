import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type CacheLayout,
  type Context,
  CrdsError,
  filesOf,
  localReferences,
  locateMapping,
} from '@iris-drs/crds';
import { CliError } from '../../errors.ts';
import { type CopySource, fileSource } from './copy.ts';
import { mappingText, refuseProblems } from './files.ts';

/** A mapping of a context. */
export interface OriginMapping {
  readonly name: string;
  readonly text: string;
}

export interface OriginReference {
  readonly name: string;
  readonly instrument: string;
  /** Undefined when the origin lacks it. */
  readonly source: CopySource | undefined;
}

/** A context as it is to be copied, from wherever it comes. */
export interface OriginContext {
  readonly name: string;
  readonly observatory: string;
  /** Those that others name before those that name them: the .pmap last. */
  readonly mappings: readonly OriginMapping[];
  readonly references: readonly OriginReference[];
}

/** Reference files by the instrument of the rules that name them. */
export const referencesByInstrument = (context: Context): ReadonlyMap<string, string> =>
  new Map(
    [...context.references.values()].flatMap(({ selector, instrument }) =>
      [...filesOf(selector)].map((file) => [file, instrument] as const),
    ),
  );

const located = async (
  locate: (file: string) => Promise<{ readonly path: string }>,
  file: string,
): Promise<CopySource | undefined> => {
  try {
    return { ...fileSource((await locate(file)).path), name: file };
  } catch (error) {
    if (error instanceof CrdsError && error.code !== 'UnsafeName') return undefined;
    throw error;
  }
};

/** A context of another cache directory. */
export const contextOfDirectory = async (from: string, wanted?: string): Promise<OriginContext> => {
  const path = resolve(from);
  if (!statSync(path).isDirectory()) throw new CliError(2, `--from ${from}: is no directory`);
  const source = localReferences({ path, context: wanted });
  const context: Context & CacheLayout = await source.loaded();
  refuseProblems(context.name, context);
  const references: OriginReference[] = [];
  for (const [name, instrument] of referencesByInstrument(context)) {
    references.push({ name, instrument, source: await located(source.locate, name) });
  }
  return {
    name: context.name,
    observatory: context.observatory,
    mappings: context.mappings
      .toReversed()
      .map((name) => ({ name, text: mappingText(locateMapping(context, name)) })),
    references,
  };
};
