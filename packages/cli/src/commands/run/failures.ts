import { CrdsError } from '@iris-drs/crds';
import { PipelineError } from '@iris-drs/pipelines';
import { ConfigError } from '@iris-drs/stpipe';
import { CliError, type ExitCode, messageOf } from '../../errors.ts';

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
  const message = messageOf(error);
  if (error instanceof ConfigError && tellsOf(error, keys)) return new CliError(2, shortened(message), error);
  const where = error instanceof ConfigError ? error.file : undefined;
  const placed = where === undefined || message.includes(where) ? message : `${where}: ${message}`;
  return new CliError(exitCodeOf(error, inFile), shortened(placed), error);
};
