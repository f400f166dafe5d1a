import {
  type BestReference,
  bestReferences,
  CrdsError,
  type LocalReferences,
  referenceTypes,
} from '@iris-drs/crds';
import { parse } from '../../args.ts';
import { CliError, usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { CACHE_FLAGS, type CacheChoice, cacheOf } from './cache.ts';
import { forEachNamed } from './failures.ts';
import { type Keywords, keywordsOf } from './headers.ts';
import { withRemote } from './with-remote.ts';

/** An answer, with where the file lies: null when it is not there. */
type Placed = BestReference & { readonly path?: string | null };

interface Answers {
  readonly context: string;
  readonly answers: readonly Placed[];
}

/** Types of `--types dark,flat`; none for all that the rules know. */
const typesOf = (text: string | undefined): readonly string[] => {
  if (text === undefined) return [];
  const types = text.split(/[\s,]+/).filter((type) => type !== '');
  if (types.length === 0) throw usageError(`--types '${text}': expected names such as dark,flat`);
  return types.map((type) => type.toLowerCase());
};

const placed = async (source: LocalReferences, best: BestReference): Promise<Placed> => {
  if (best.answer !== 'file') return best;
  try {
    return { ...best, path: await source.fetch(best.file) };
  } catch (error) {
    if (!(error instanceof CrdsError)) throw error;
    if (error.code !== 'UnsafeName') return { ...best, path: null };
    return { type: best.type, answer: 'error', kind: error.code, message: error.message };
  }
};

type Ask = (header: Keywords) => Promise<Answers>;

const askCache = (choice: CacheChoice, wanted: readonly string[]): Ask => {
  const source = cacheOf(choice);
  return async (header) => {
    const context = await source.loaded();
    const types = wanted.length > 0 ? wanted : referenceTypes(context, header);
    const answers: Placed[] = [];
    for (const best of bestReferences(context, header, types)) answers.push(await placed(source, best));
    return { context: context.name, answers };
  };
};

const askService =
  (address: string, context: string, wanted: readonly string[]): Ask =>
  (header) =>
    withRemote(address, async ({ client, ask, answerOf }) => {
      const request = { context, headers: [{ keywords: { ...header } }], referenceTypes: [...wanted] };
      const response = await ask(client.bestReferences, request);
      const answers = (response.datasets[0]?.references ?? []).map((message) => ({
        ...answerOf(message.referenceType, message),
        path: message.path || null,
      }));
      return { context: response.context, answers };
    });

/** One answer as it goes into JSON. */
const answerJson = ({ type: _type, path, ...best }: Placed) =>
  best.answer === 'file' ? { ...best, path: path ?? null } : best;

const line = (best: Placed, width: number): string => {
  const type = best.type.padEnd(width);
  if (best.answer === 'file') {
    return `  ${type}  ${best.file}${best.path === null ? '  (not in the cache)' : ''}\n`;
  }
  if (best.answer === 'notApplicable') return `  ${type}  N/A  (${best.reason})\n`;
  return `  ${type}  NOT FOUND  ${best.kind}: ${best.message.trim()}\n`;
};

/**
 * `drs refs bestrefs FILE…`: the best reference of each type for each file, by the keywords of the file itself.
 * @returns 1 when a file could not be read or a type has no answer
 */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    { ...CACHE_FLAGS, types: { type: 'string' }, remote: { type: 'string' } },
    usage,
  );
  if (positionals.length === 0) throw usageError(`a FITS file is needed\nusage: drs ${usage}`);
  const wanted = typesOf(values.types);
  const ask =
    values.remote === undefined
      ? askCache(values, wanted)
      : askService(values.remote, values.context ?? '', wanted);
  return forEachNamed(positionals, async (file) => {
    const { context, answers } = await ask(await keywordsOf(file));
    if (answers.length === 0)
      throw new CliError(1, `${context} has no rules for any type; name types by --types`);
    if (values.json) {
      const references = Object.fromEntries(answers.map((best) => [best.type, answerJson(best)]));
      await print(`${JSON.stringify({ file, context, references })}\n`);
    } else {
      const width = Math.max(0, ...answers.map(({ type }) => type.length));
      await print(`${file}: ${context}\n${answers.map((best) => line(best, width)).join('')}`);
    }
    return answers.every(({ answer }) => answer !== 'error');
  });
};
