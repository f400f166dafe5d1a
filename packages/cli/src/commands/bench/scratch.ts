import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs with a directory for large files (below TMPDIR by default), which is removed afterwards, also on Ctrl-C. */
export const withScratch = async <T>(
  work: (directory: string) => Promise<T>,
  parent: string = tmpdir(),
): Promise<T> => {
  const directory = mkdtempSync(join(parent, 'drs-bench-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  const stop = (): never => process.exit(1);
  process.once('exit', remove);
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return await work(directory);
  } finally {
    remove();
    process.off('exit', remove);
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
};
