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
  ENAMETOOLONG: 'is a longer name than files may have',
  ELOOP: 'is a link that leads to itself',
  ENOTDIR: 'is below something that is no directory',
  EROFS: 'is on a file system that cannot be written',
};

/** Does the message tell of an option of the command line? They win over files, so what is wrong is theirs. */
const tellsOf = ({ code, message }: ConfigError, keys: readonly string[]): boolean =>
  code === 'VALIDATION' && keys.some((key) => message.includes(`'${key.replaceAll('.', '/')}'`));

/** Values from files may have any length. */
const MAX_MESSAGE = 2000;
const shortened = (text: string): string =>
  text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)} …` : text;

/**
 * Any failure of a run as one message with its exit code.
 * @param inFile whether a configuration file says what to run
 * @param keys   options given on the command line
 */
export const asCliError = (error: unknown, inFile: boolean, keys: readonly string[] = []): CliError => {
  if (error instanceof CliError) return error;
  if (!(error instanceof Error)) return new CliError(1, String(error));
  const { code, path } = error as NodeJS.ErrnoException;
  const known = NO_FILE[code ?? ''];
  // A product is written under another name first.
  const meant = path?.replace(/\/\.([^/]+)\.[0-9a-f]{12}\.part$/, '/$1');
  const message = known !== undefined && meant !== undefined ? `${meant}: ${known}` : error.message;
  if (error instanceof ConfigError && tellsOf(error, keys)) return new CliError(2, shortened(message), error);
  const where = error instanceof ConfigError ? error.file : undefined;
  const placed = where === undefined || message.includes(where) ? message : `${where}: ${message}`;
  return new CliError(exitCodeOf(error, inFile), shortened(placed), error);
};
