import { existsSync, realpathSync } from 'node:fs';
import type { Fits, Hdu } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { CliError, usageError } from '../../errors.ts';

/** Writes to standard output and waits until it is taken, so that large output does not pile up in memory. */
export const print = (text: string): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });

/** One line that names the file, whatever went wrong. */
export const failureLine = (path: string, error: unknown): string => {
  const message = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ');
  return message.includes(path) ? message : `${path}: ${message}`;
};

/**
 * Does the same with each file. A file that fails is reported on stderr in one line; the others are still done.
 *
 * @returns exit code: 1 if any file failed
 * @throws CliError for wrong usage, at once
 */
export const forEachFile = async (
  paths: readonly string[],
  usage: string,
  action: (fits: Fits, path: string) => Promise<void>,
): Promise<number> => {
  if (paths.length === 0) throw usageError(`a file is needed\nusage: drs ${usage}`);
  let failed = false;
  for (const path of paths) {
    try {
      using fits = await openFile(path);
      await action(fits, path);
    } catch (error) {
      if (error instanceof CliError && error.exitCode === 2) throw error;
      failed = true;
      process.stderr.write(`drs: ${failureLine(path, error)}\n`);
    }
  }
  return failed ? 1 : 0;
};

/** The HDU that `--hdu` names: an index, or EXTNAME with an optional EXTVER. @throws FitsError HDU_MISSING */
export const selectHdu = (fits: Fits, text: string): Hdu => {
  if (/^\d+$/.test(text)) return fits.hdu(Number(text));
  const [, name = text, version] = /^(.*),(\d+)$/.exec(text) ?? [];
  return version === undefined ? fits.hdu(name) : fits.hdu(name, Number(version));
};

/** Whether an HDU holds anything, of whatever kind. */
export const hasData = (hdu: Hdu): boolean => hdu.dataBytes > 0;

/** `#1 SCI`, as people speak of an HDU. */
export const label = (hdu: Hdu): string =>
  `#${hdu.index}${hdu.name ? ` ${hdu.name}` : ''}${hdu.version === 1 ? '' : `,${hdu.version}`}`;

/** @throws CliError when what is to be written is one of the files to be read */
export const refuseOverwriting = (output: string | undefined, inputs: readonly string[]): void => {
  if (output === undefined || !existsSync(output)) return;
  const real = realpathSync(output);
  if (inputs.some((path) => existsSync(path) && realpathSync(path) === real)) {
    throw usageError(`-o ${output}: that is the file to be read; name another`);
  }
};
