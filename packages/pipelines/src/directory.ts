import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { PipelineError } from './errors.ts';

/**
 * Makes a directory and those above it. Node's own recursive mkdir never ends where a file system refuses new names
 * with ENOENT, as /proc does.
 *
 * @throws PipelineError NO_DIRECTORY where a file is in the way; the system's error, with the path
 */
export const makeDirectory = (path: string): void => {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = dirname(path);
  if (above !== path) makeDirectory(above);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have made it meanwhile.
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) return;
    if (!found) throw error;
    throw new PipelineError(
      'NO_DIRECTORY',
      `${path} is a file; products need a directory. Give another --output_dir.`,
    );
  }
};
