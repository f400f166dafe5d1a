import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { type MappingSum, mappingSum, withChecksum } from '@iris-drs/crds';
import { parse } from '../../args.ts';
import { usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { CACHE_FLAGS } from './cache.ts';
import { writeText } from './destination.ts';
import { forEachNamed } from './failures.ts';
import { mappingPath, mappingText } from './files.ts';

type Verdict = 'ok' | 'mismatch' | 'missing' | 'updated';

const verdictOf = ({ given, actual }: MappingSum): Verdict =>
  given === undefined ? 'missing' : given === actual ? 'ok' : 'mismatch';

const TOLD: Readonly<Record<Verdict, (sum: MappingSum) => string>> = {
  ok: ({ actual }) => `ok  ${actual}`,
  mismatch: ({ given, actual }) => `MISMATCH  the header says ${given}, the text has ${actual}`,
  missing: ({ actual }) => `MISSING  the header gives no sha1sum, the text has ${actual}`,
  updated: ({ actual }) => `updated  ${actual}`,
};

/**
 * `drs refs checksum MAPPING…`: compares the sha1sum in the header of each mapping with its text; `--update` writes it.
 * @returns 1 when one is wrong or missing and was not updated
 */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    { ...CACHE_FLAGS, update: { type: 'boolean' }, verify: { type: 'boolean' } },
    usage,
  );
  if (positionals.length === 0) throw usageError(`a mapping is needed\nusage: drs ${usage}`);
  if (values.update && values.verify) throw usageError('--update and --verify exclude each other');
  return forEachNamed(positionals, async (name) => {
    // Through links, so that the file itself is replaced and not the link.
    const path = realpathSync(mappingPath(name, values));
    const text = mappingText(path);
    let sum = mappingSum(text, basename(path));
    let verdict = verdictOf(sum);
    if (values.update && verdict !== 'ok') {
      const fresh = withChecksum(text, basename(path));
      await writeText(path, fresh);
      sum = mappingSum(fresh, basename(path));
      verdict = 'updated';
    }
    await print(
      values.json
        ? `${JSON.stringify({ file: name, verdict, ...sum })}\n`
        : `${name}: ${TOLD[verdict](sum)}\n`,
    );
    return verdict === 'ok' || verdict === 'updated';
  });
};
