/** What `drs fits compress` and `drs fits decompress` share: files copied HDU by HDU, some of them made anew. */
import { existsSync, writeSync } from 'node:fs';
import { type Fits, type Hdu, type HduInit, planFits } from '@iris-drs/fits';
import { writeAtomically, writeHdu } from '@iris-drs/fits/node';
import { parse } from '../../args.ts';
import { CliError, usageError } from '../../errors.ts';
import { forEachFile, print, refuseOverwriting } from './files.ts';

const BLOCK = 2880;
const CHUNK = 1 << 20;
const NOTHING: HduInit = { kind: 'image', shape: [] };

/** Of each HDU what takes its place; undefined: it is copied byte for byte; 'nothing': it is left out. */
export type Change = (fits: Fits, hdu: Hdu) => Promise<HduInit | undefined | 'nothing'>;

/** @returns how many HDUs were made anew */
const rewrite = (fits: Fits, output: string, change: Change): Promise<number> =>
  writeAtomically(output, async (fd) => {
    let changed = 0;
    let at = 0;
    /** An HDU behind what is written already; the first one of a file may need an empty primary before it. */
    const put = (init: HduInit) => {
      const all = at === 0 && init.kind === 'image' ? [init] : [NOTHING, init];
      const plan = planFits(all);
      const first = at === 0 ? 0 : 1;
      const by = at - (plan.hdus[first]?.headerOffset ?? 0);
      const hdus = plan.hdus.map((h) => ({
        ...h,
        headerOffset: h.headerOffset + by,
        dataOffset: h.dataOffset + by,
      }));
      for (let i = first; i < all.length; i++) writeHdu(fd, { ...plan, hdus }, i, all[i] as HduInit);
      at = plan.byteLength + by;
    };
    for (const hdu of fits.hdus) {
      const init = await change(fits, hdu);
      if (init === 'nothing') continue;
      if (init) {
        put(init);
        changed++;
        continue;
      }
      const end = hdu.dataOffset + Math.ceil(hdu.dataBytes / BLOCK) * BLOCK;
      const have = Math.min(end, fits.source.byteLength);
      for (let from = hdu.headerOffset; from < have; from += CHUNK) {
        const bytes = await fits.source.slice(from, Math.min(from + CHUNK, have));
        for (let done = 0; done < bytes.length; )
          done += writeSync(fd, bytes, done, bytes.length - done, at + done);
        at += bytes.length;
      }
      if (have < end) {
        writeSync(fd, new Uint8Array(end - have).fill(hdu.kind === 'table' ? 0x20 : 0), 0, end - have, at);
        at += end - have;
      }
    }
    return changed;
  });

/** Runs either command. @param nameOf  of the file to write, if none is given */
export const runPack = async (
  args: readonly string[],
  usage: string,
  nameOf: (path: string) => string,
  change: Change,
): Promise<number> => {
  const { values, positionals } = parse(
    args,
    { output: { type: 'string', short: 'o' }, force: { type: 'boolean' } },
    usage,
  );
  if (values.output !== undefined && positionals.length > 1) {
    throw usageError(`-o names one file, and ${positionals.length} are given\nusage: drs ${usage}`);
  }
  refuseOverwriting(values.output, positionals);
  return forEachFile(positionals, usage, async (fits, path) => {
    const output = values.output ?? nameOf(path);
    if (existsSync(output) && !values.force)
      throw new CliError(1, `${output}: is there already; --force replaces it`);
    const changed = await rewrite(fits, output, change);
    await print(`${output}  ${changed} of ${fits.hdus.length} HDUs changed\n`);
  });
};
