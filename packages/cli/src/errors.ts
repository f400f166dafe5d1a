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

const NO_FILE: Readonly<Record<string, string>> = {
  ENOENT: 'not found',
  EACCES: 'no permission',
  EPERM: 'no permission',
  ENOSPC: 'no space left',
  EDQUOT: 'no space left in the quota',
  EFBIG: 'is larger than files may be here',
  EISDIR: 'is a directory',
  ENOTDIR: 'is below something that is no directory',
  ENAMETOOLONG: 'is a longer name than files may have',
  ELOOP: 'is a link that leads to itself',
  EROFS: 'is on a file system that cannot be written',
};

/** What an error says; where the system refused a file, that file and why. */
export const messageOf = (error: Error): string => {
  const { code, path } = error as NodeJS.ErrnoException;
  const known = NO_FILE[code ?? ''];
  // A file that is written whole has another name until then.
  const meant = path?.replace(/\/\.([^/]+)\.[0-9a-f]{12}\.part$/, '/$1');
  return known !== undefined && meant !== undefined ? `${meant}: ${known}` : error.message;
};

export const usageError = (message: string): CliError => new CliError(2, message);
