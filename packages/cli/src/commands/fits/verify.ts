import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type ByteSource, type Finding, type Verification, verifyFits } from '@iris-drs/fits';
import { parse } from '../../args.ts';
import { usageError } from '../../errors.ts';
import { failureLine, print } from './files.ts';

/** The bytes of a file, whatever it holds. */
const bytesOf = (fd: number): ByteSource => ({
  byteLength: fstatSync(fd).size,
  slice: (start, end) => {
    const bytes = new Uint8Array(end - start);
    let at = 0;
    for (let got = 1; got > 0 && at < bytes.length; at += got) {
      got = readSync(fd, bytes, at, bytes.length - at, start + at);
    }
    return bytes.subarray(0, at);
  },
});

const verdictOf = ({ errors, warnings }: Verification): 'error' | 'warning' | 'ok' =>
  errors.length > 0 ? 'error' : warnings.length > 0 ? 'warning' : 'ok';

const many = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const line = (severity: string, { check, hdu, keyword, offset, message }: Finding): string => {
  const place = [
    ...(hdu === undefined ? [] : [`HDU ${hdu}`]),
    ...(keyword ? [keyword] : []),
    `byte ${offset}`,
  ];
  return `  ${severity.padEnd(7)}  ${place.join(', ')}: ${message} [${check}]\n`;
};

/** `drs fits verify`: does each file conform to the FITS Standard? Exit code 1 if one does not. */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    { json: { type: 'boolean' }, quiet: { type: 'boolean', short: 'q' }, hierarch: { type: 'boolean' } },
    usage,
  );
  if (positionals.length === 0) throw usageError(`a file is needed\nusage: drs ${usage}`);
  let failed = false;
  for (const path of positionals) {
    try {
      const fd = openSync(path, 'r');
      try {
        const result = await verifyFits(bytesOf(fd), { hierarch: values.hierarch ?? false });
        const verdict = verdictOf(result);
        failed ||= verdict === 'error';
        const { errors, warnings } = result;
        if (values.json) {
          const all = values.quiet ? { errors: errors.length, warnings: warnings.length } : result;
          await print(`${JSON.stringify({ file: path, verdict, ...all })}\n`);
          continue;
        }
        await print(`${path}: ${many(errors.length, 'error')}, ${many(warnings.length, 'warning')}\n`);
        if (values.quiet) continue;
        for (const finding of errors) await print(line('error', finding));
        for (const finding of warnings) await print(line('warning', finding));
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      failed = true;
      process.stderr.write(`drs: ${failureLine(path, error)}\n`);
    }
  }
  return failed ? 1 : 0;
};
