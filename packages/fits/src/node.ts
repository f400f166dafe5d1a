import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { abandonPartial, commitPartial, openPartial } from './atomic.ts';
import { FitsError } from './errors.ts';
import type { HduInit } from './init.ts';
import { fileSource, writeHdu } from './node-file.ts';
import { type Fits, type OpenOptions, openFits } from './open.ts';
import { type PlanOptions, planFits, withPrimary } from './plan.ts';

export { type AtomicOptions, writeAtomically } from './atomic.ts';
export { appendHdu, editHeader } from './node-edit.ts';
export { writeHdu } from './node-file.ts';
export {
  closeThreads,
  compressImageParallel,
  type ReadParallelOptions,
  readImageParallel,
  type ThreadOptions,
} from './node-parallel/index.ts';

/** A FITS file on disk; `using file = await openFile(path)` closes it at the end of the block. */
export interface FitsFile extends Fits {
  readonly path: string;
  close(): void;
  [Symbol.dispose](): void;
}

/** Open a FITS file and list its HDUs. @throws FitsError as `openFits`; errors of the file system, which name the file. */
export async function openFile(path: string, options: OpenOptions = {}): Promise<FitsFile> {
  // Opening a named pipe would wait for a writer.
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat && !stat.isFile()) {
    const found = stat.isDirectory() ? 'a directory' : 'a pipe or a device';
    throw new FitsError('NOT_FITS', `found ${found}, expected a file`, { file: path });
  }
  let fd: number | undefined = openSync(path, 'r');
  const close = () => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  };
  try {
    const source = fileSource(path, () => fd, fstatSync(fd).size);
    return Object.assign(await openFits(source, path, options), { path, close, [Symbol.dispose]: close });
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * Write a FITS file atomically: readers see the old file or the whole new one.
 *
 * @throws FitsError WRITE_*; errors of the file system, which name the file
 */
export function writeFile(path: string, hdus: readonly HduInit[], options: PlanOptions = {}): void {
  const plan = planFits(hdus, options);
  const partial = openPartial(path);
  try {
    withPrimary(hdus).forEach((init, index) => {
      writeHdu(partial.fd, plan, index, init, options);
    });
  } catch (error) {
    abandonPartial(partial, path, error);
  }
  commitPartial(partial, path);
}
