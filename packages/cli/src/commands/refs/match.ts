import { basename } from 'node:path';
import { CrdsError, IRIS_ALIASES, type Mapping, matchHeader, parseMapping } from '@iris-drs/crds';
import { parse } from '../../args.ts';
import { CliError, usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { CACHE_FLAGS } from './cache.ts';
import { reasonOf } from './failures.ts';
import { mappingPath, mappingText } from './files.ts';
import { batchesOfLines, type Line } from './ndjson.ts';

type Rules = Extract<Mapping, { kind: 'reference' }>;

/** Values of a JSON header as the texts that rules compare; true and false as FITS writes them. */
const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  return value === null ? 'UNDEFINED' : String(value);
};

/** @throws Error saying why the line is no header */
const headerOf = (line: Line): Record<string, string> => {
  if (line === undefined) throw new Error('the line is longer than any header');
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('expected an object of keywords and values');
  }
  const header: Record<string, string> = Object.create(null);
  for (const [name, one] of Object.entries(value)) {
    if (typeof one === 'object' && one !== null)
      throw new Error(`the value of ${name} is neither text nor number`);
    header[name] = textOf(one);
  }
  return header;
};

/** Rules with a wrong checksum answer all the same; that it is wrong is told. */
const load = (path: string): { readonly rules: Rules; readonly wrong?: string } => {
  const text = mappingText(path);
  const file = basename(path);
  const parsed = parseMapping(text, file, { ignoreChecksum: true });
  if (parsed.kind !== 'reference') {
    throw new CliError(1, `${path}: a ${parsed.kind} mapping has no rules to match; give an .rmap`);
  }
  const aliases = parsed.observatory === 'tmt' ? IRIS_ALIASES : {};
  const ignoreChecksum = /^(?:1|true|yes|on)$/i.test(process.env.CRDS_IGNORE_MAPPING_CHECKSUM ?? '');
  try {
    return { rules: parseMapping(text, file, { aliases, ignoreChecksum }) as Rules };
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
  for await (const lines of batchesOfLines(process.stdin)) {
    const answers: string[] = [];
    for (const line of lines) {
      at += 1;
      let header: Record<string, string>;
      try {
        header = headerOf(line);
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
