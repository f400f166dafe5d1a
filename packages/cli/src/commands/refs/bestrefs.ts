import type { BestReference, LocalReferences } from '@iris-drs/crds';
import { CrdsError } from '@iris-drs/crds';
import { parse } from '../../args.ts';
import { usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { CACHE_FLAGS, cacheOf } from './cache.ts';
import { forEachNamed } from './failures.ts';
import { keywordsOf } from './headers.ts';

/** Types of `--types dark,flat`; undefined for all that the rules know. */
export const typesOf = (text: string | undefined): readonly string[] | undefined => {
  if (text === undefined) return undefined;
  const types = text.split(/[\s,]+/).filter((type) => type !== '');
  if (types.length === 0) throw usageError(`--types '${text}': expected names such as dark,flat`);
  return types.map((type) => type.toLowerCase());
};

/** Every type that the context has rules for, whatever the instrument. */
const allTypes = async (
  source: LocalReferences,
  instrument: string | undefined,
): Promise<readonly string[]> => {
  const { pipeline, instruments } = await source.loaded();
  const own = pipeline.instruments.get(instrument?.trim().toLowerCase() ?? '');
  const maps = [...instruments].filter(([name]) => own === undefined || name === own);
  return [...new Set(maps.flatMap(([, { types }]) => [...types.keys()]))].sort();
};

const pathOf = async (source: LocalReferences, file: string): Promise<string | undefined> => {
  try {
    return await source.fetch(file);
  } catch (error) {
    if (error instanceof CrdsError) return undefined;
    throw error;
  }
};

/** One answer as it goes into JSON: what there is of file, path, kind, message, reason. */
const answerJson = async (source: LocalReferences, { type: _type, ...best }: BestReference) => {
  if (best.answer !== 'file') return best;
  const path = await pathOf(source, best.file);
  return { ...best, path: path ?? null };
};

const line = (best: BestReference, width: number): string => {
  const type = best.type.padEnd(width);
  if (best.answer === 'file') return `  ${type}  ${best.file}\n`;
  if (best.answer === 'notApplicable') return `  ${type}  N/A  (${best.reason})\n`;
  return `  ${type}  NOT FOUND  ${best.kind}: ${best.message.trim()}\n`;
};

/**
 * `drs refs bestrefs FILE…`: the best reference of each type for each file, by the keywords of the file itself.
 * @returns 1 when a file could not be read or a type has no answer
 */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(args, { ...CACHE_FLAGS, types: { type: 'string' } }, usage);
  if (positionals.length === 0) throw usageError(`a FITS file is needed\nusage: drs ${usage}`);
  const wanted = typesOf(values.types);
  const source = cacheOf(values);
  const context = await source.context();
  return forEachNamed(positionals, async (file) => {
    const header = await keywordsOf(file);
    const types = wanted ?? (await allTypes(source, header.INSTRUME));
    const answers = await source.best(header, types);
    if (values.json) {
      const references: Record<string, object> = {};
      for (const best of answers) references[best.type] = await answerJson(source, best);
      await print(`${JSON.stringify({ file, context, references })}\n`);
    } else {
      const width = Math.max(...types.map((type) => type.length));
      await print(`${file}: ${context}\n${answers.map((best) => line(best, width)).join('')}`);
    }
    return answers.every(({ answer }) => answer !== 'error');
  });
};
