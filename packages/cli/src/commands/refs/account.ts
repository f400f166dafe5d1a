import { userInfo } from 'node:os';
import { usageError } from '../../errors.ts';

export const ACCOUNT_FLAGS = { why: { type: 'string' }, by: { type: 'string' } } as const;

const user = (): string => {
  try {
    return userInfo().username;
  } catch {
    // A user without a name, as in a container.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
};

/** Who changes the context in force, and why. @throws CliError 2 without a reason */
export const accountOf = (
  { why, by }: { readonly why?: string | undefined; readonly by?: string | undefined },
  usage: string,
): { readonly by: string; readonly why: string } => {
  if (why === undefined || why.trim() === '')
    throw usageError(`--why TEXT is needed: the history keeps it\nusage: drs ${usage}`);
  return { why, by: by ?? user() };
};
