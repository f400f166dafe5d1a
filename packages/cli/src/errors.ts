/** Exit codes: 1 a reduction or check failed, 2 wrong usage, 3 the environment lacks something. */
export type ExitCode = 1 | 2 | 3;

/** Ends a command with one line on stderr and an exit code. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}

export const usageError = (message: string): CliError => new CliError(2, message);
