import { basename } from 'node:path';
import {
  CrdsError,
  checksumsIgnored,
  IRIS_ALIASES,
  type Mapping,
  matchHeader,
  parseMapping,
} from '@iris-drs/crds';
import { parse } from '../../args.ts';
import { CliError, usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { CACHE_FLAGS } from './cache.ts';
import { reasonOf } from './failures.ts';
import { mappingPath, mappingText } from './files.ts';
import { type Keywords, keywordsOfJson } from './headers.ts';
import { batchesOfLines } from './ndjson.ts';

type Rules = Extract<Mapping, { kind: 'reference' }>;

/** Rules with a wrong checksum answer all the same; that it is wrong is told. */
const load = (path: string): { readonly rules: Rules; readonly wrong?: string } => {
  const text = mappingText(path);
  const file = basename(path);
  const parsed = parseMapping(text, file, { ignoreChecksum: true });
  if (parsed.kind !== 'reference') {
    throw new CliError(1, `${path}: a ${parsed.kind} mapping has no rules to match; give an .rmap`);
  }
  const aliases = parsed.observatory === 'tmt' ? IRIS_ALIASES : {};
  try {
    return { rules: parseMapping(text, file, { aliases, ignoreChecksum: checksumsIgnored() }) as Rules };
  } catch (error) {
    if (!(error instanceof CrdsError) || error.code !== 'ChecksumError') throw error;
    return {
      rules: parseMapping(text, file, { aliases, ignoreChecksum: true }) as Rules,
      wrong: error.message,
    };
  }
};

/**
 * `drs refs match MAPPING`: the answer of a mapping's rules to each header on standard input, a JSON line each. Lookups
 * that fail are answers too.
 *
 * @returns 1 when a line was no header or the mapping's checksum is wrong; there is an answer for each line all the same
 */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(args, CACHE_FLAGS, usage);
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw usageError(`one mapping is needed\nusage: drs ${usage}`);
  const { rules, wrong } = load(mappingPath(name, values));
  if (wrong !== undefined) process.stderr.write(`drs: ${wrong}\n`);
  let isFaulty = wrong !== undefined;
  let at = 0;
  // Errors are answers here, thousands of them; where each was made costs most of their time.
  Error.stackTraceLimit = 0;
  for await (const lines of batchesOfLines(process.stdin)) {
    const answers: string[] = [];
    for (const line of lines) {
      at += 1;
      let header: Keywords;
      try {
        if (line === undefined) throw new Error('the line is longer than any header');
        header = keywordsOfJson(line);
      } catch (error) {
        isFaulty = true;
        const message = `line ${at} is no header: ${reasonOf(error)}`;
        answers.push(JSON.stringify({ error: 'HeaderError', message }));
        continue;
      }
      answers.push(JSON.stringify(matchHeader(rules, header)));
    }
    await print(`${answers.join('\n')}\n`);
  }
  return isFaulty ? 1 : 0;
};
