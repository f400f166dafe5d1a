import { CrdsError } from '@iris-drs/crds';
import { CliError, type ExitCode, messageOf } from '../../errors.ts';

/** The environment lacks a context, room or permission. */
const LACKING: readonly string[] = ['ContextNotFound', 'CacheFull', 'CacheReadOnly'];

const exitCodeOf = (error: CrdsError): ExitCode => {
  if (LACKING.includes(error.code)) return 3;
  return error.code === 'UnsafeName' || error.code === 'RecordIncomplete' ? 2 : 1;
};

/** What went wrong in one line. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return messageOf(error)
    .trim()
    .replace(/\s*\n\s*/g, ' ');
};

/** Any failure of a command on references as one message with its exit code. */
export const asRefsError = (error: unknown): CliError => {
  if (error instanceof CliError) return error;
  return new CliError(error instanceof CrdsError ? exitCodeOf(error) : 1, reasonOf(error), error);
};

/** Does the same with each; one that fails is told in a line on stderr, the others are still done. */
export const forEachNamed = async (
  names: readonly string[],
  action: (name: string) => Promise<boolean>,
): Promise<number> => {
  let worst = 0;
  for (const name of names) {
    try {
      if (!(await action(name))) worst = Math.max(worst, 1);
    } catch (error) {
      const told = asRefsError(error);
      // What the environment lacks, others lack too; a context that is named is missing alone.
      if (told.exitCode !== 1 && !name.endsWith('.pmap')) throw told;
      worst = Math.max(worst, told.exitCode);
      process.stderr.write(`drs: ${told.message.includes(name) ? '' : `${name}: `}${told.message}\n`);
    }
  }
  return worst;
};
