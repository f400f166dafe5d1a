import { CrdsError } from '@iris-drs/crds';
import { PipelineError } from '@iris-drs/pipelines';
import { ConfigError } from '@iris-drs/stpipe';
import { CliError, type ExitCode } from '../../errors.ts';

/** Failures of the command line itself, and of what the machine lacks; all others are those of the run. */
const exitCodeOf = (error: Error, inFile: boolean): ExitCode => {
  if (error instanceof ConfigError)
    return (inFile || error.file !== undefined) && error.code !== 'NOT_FOUND' ? 1 : 2;
  if (error instanceof PipelineError) {
    if (error.code === 'NO_REFERENCES') return 3;
    return error.code === 'INPUTS' ? 2 : 1;
  }
  return error instanceof CrdsError && error.code === 'ContextNotFound' ? 3 : 1;
};

const NO_FILE: Readonly<Record<string, string>> = {
  ENOENT: 'not found',
  EACCES: 'no permission',
  ENOSPC: 'no space left',
  EISDIR: 'is a directory',
  ENOTDIR: 'is below something that is no directory',
  EROFS: 'is on a file system that cannot be written',
};

/** Any failure of a run as one message with its exit code. */
export const asCliError = (error: unknown, inFile: boolean): CliError => {
  if (error instanceof CliError) return error;
  if (!(error instanceof Error)) return new CliError(1, String(error));
  const { code, path } = error as NodeJS.ErrnoException;
  const known = NO_FILE[code ?? ''];
  // A product is written under another name first.
  const meant = path?.replace(/\/\.([^/]+)\.[0-9a-f]{12}\.part$/, '/$1');
  const message = known !== undefined && meant !== undefined ? `${meant}: ${known}` : error.message;
  return new CliError(exitCodeOf(error, inFile), message, error);
};
