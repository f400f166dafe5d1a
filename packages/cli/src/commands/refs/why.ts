import { type BestReference, type Explanation, explain, explanationText } from '@iris-drs/crds';
import { parse } from '../../args.ts';
import { usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { CACHE_FLAGS, type CacheChoice, cacheOf } from './cache.ts';
import { type Keywords, keywordsOf } from './headers.ts';
import { withRemote } from './with-remote.ts';

interface Reason {
  readonly answer: BestReference;
  readonly text: readonly string[];
  readonly json: object;
}

const fromCache = async (header: Keywords, type: string, choice: CacheChoice): Promise<Reason> => {
  const explanation: Explanation = explain(await cacheOf(choice).loaded(), header, type);
  return { answer: explanation.answer, text: explanationText(explanation), json: explanation };
};

const fromService = (header: Keywords, type: string, address: string, context: string): Promise<Reason> =>
  withRemote(address, async ({ client, ask, answerOf }) => {
    const request = { context, header: { keywords: { ...header } }, referenceType: type };
    const { best, text, ...rest } = await ask(client.why, request);
    const answer = answerOf(type, best);
    return { answer, text, json: { ...rest, type, answer } };
  });

/**
 * `drs refs why FILE TYPE`: the path of rules that leads to the reference of a type, or the nearest rule and what fails
 * in it.
 * @returns 1 when there is no answer
 */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(args, { ...CACHE_FLAGS, remote: { type: 'string' } }, usage);
  const [file, type, ...more] = positionals;
  if (file === undefined || type === undefined || more.length > 0)
    throw usageError(`a file and a reference type are needed\nusage: drs ${usage}`);
  const header = await keywordsOf(file);
  const { answer, text, json } =
    values.remote === undefined
      ? await fromCache(header, type.toLowerCase(), values)
      : await fromService(header, type.toLowerCase(), values.remote, values.context ?? '');
  await print(values.json ? `${JSON.stringify({ file, ...json })}\n` : `${text.join('\n')}\n`);
  return answer.answer === 'error' ? 1 : 0;
};
