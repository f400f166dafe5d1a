import { type BestReference, CrdsError, type LocalReferences } from '@iris-drs/crds';
import { parse } from '../../args.ts';
import { CliError, usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { CACHE_FLAGS, type CacheChoice, cacheOf } from './cache.ts';
import { forEachNamed } from './failures.ts';
import { type Keywords, keywordsOf } from './headers.ts';
import { answerOf } from './remote-answers.ts';
import { withRemote } from './with-remote.ts';

/** An answer, with where the file lies: null when it is not there. */
type Placed = BestReference & { readonly path?: string | null };

interface Answers {
  readonly context: string;
  readonly answers: readonly Placed[];
}

/** Types of `--types dark,flat`; undefined for all that the rules know. */
const typesOf = (text: string | undefined): readonly string[] | undefined => {
  if (text === undefined) return undefined;
  const types = text.split(/[\s,]+/).filter((type) => type !== '');
  if (types.length === 0) throw usageError(`--types '${text}': expected names such as dark,flat`);
  return types.map((type) => type.toLowerCase());
};

/**
 * Every type that the context has rules for, of the header's instrument if it has that.
 * @throws CrdsError for an .imap that cannot be loaded
 */
const allTypes = async (source: LocalReferences, header: Keywords): Promise<readonly string[]> => {
  const { name, pipeline, instruments, problems } = await source.loaded();
  const said = header[pipeline.instrumentKey] ?? header.INSTRUME ?? header['META.INSTRUMENT.NAME'] ?? '';
  const own = pipeline.instruments.get(said.trim().toLowerCase());
  const wanted = own === undefined ? [...pipeline.instruments.values()] : [own];
  for (const imap of wanted) {
    const problem = problems.get(imap);
    if (problem) throw problem;
  }
  const types = wanted.flatMap((imap) => [...(instruments.get(imap)?.types.keys() ?? [])]);
  if (types.length === 0) throw new CliError(1, `${name} has no rules for any type; name types by --types`);
  return [...new Set(types)].sort();
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

const askCache = (choice: CacheChoice, wanted: readonly string[] | undefined): Ask => {
  const source = cacheOf(choice);
  return async (header) => {
    const types = wanted ?? (await allTypes(source, header));
    const answers: Placed[] = [];
    for (const best of await source.best(header, types)) answers.push(await placed(source, best));
    return { context: await source.context(), answers };
  };
};

const askService =
  (address: string, context: string, wanted: readonly string[] | undefined): Ask =>
  (header) =>
    withRemote(address, async ({ client, ask }) => {
      let types = wanted;
      if (!types) {
        const known = await ask<{ references: { referenceType: string }[] }>((metadata, options, answer) =>
          client.listReferences({ context, referenceTypes: [] }, metadata, options, answer),
        );
        types = [...new Set(known.references.map(({ referenceType }) => referenceType))];
      }
      const request = { context, headers: [{ keywords: { ...header } }], referenceTypes: [...types] };
      const response = await ask<Parameters<Parameters<typeof client.bestReferences>[3]>[1]>(
        (metadata, options, answer) => client.bestReferences(request, metadata, options, answer),
      );
      const answers = (response.datasets[0]?.references ?? []).map((message) => ({
        ...answerOf(message),
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
