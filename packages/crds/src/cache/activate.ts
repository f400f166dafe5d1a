import { CrdsError } from '../errors.ts';
import { loadContext } from '../load.ts';
import { type Account, changeContext, checkAccount, checkExpected } from './change.ts';
import { checksumsIgnored } from './environment.ts';
import { type HistoryEntry, lastSerial, NOTHING_NEW, readEntry } from './history.ts';
import { type CacheLayout, contextsOf, layoutOf, readMapping } from './layout.ts';

export interface ActivateOptions extends Account {
  /** The context that must be in force for this to make sense; any when absent. */
  readonly expected?: string | undefined;
}

/** @throws CrdsError ContextNotFound, ContextBroken: a context is put in force whole or not at all */
const assertWhole = async (layout: CacheLayout, context: string): Promise<void> => {
  const here = contextsOf(layout.path).filter(({ observatory }) => observatory === layout.observatory);
  if (!here.some((each) => each.context === context)) {
    const known = here.map((each) => each.context).join(', ');
    throw new CrdsError(
      'ContextNotFound',
      `The context ${context} is not in ${layout.path}, which has ${known}.`,
    );
  }
  const ignoreChecksum = checksumsIgnored();
  const { problems } = await loadContext(context, (file) => readMapping(layout, file), { ignoreChecksum });
  const [problem] = problems.values();
  if (!problem) return;
  const message = `${context} cannot be put in force: ${problem.message}`;
  throw new CrdsError('ContextBroken', message, { file: context, cause: problem });
};

/**
 * Puts a context of the cache in force: one entry of the history, which readers see or do not see.
 *
 * @param cache    directory of the CRDS cache
 * @param context  a .pmap in it
 * @returns the entry; the newest one when the context is in force already
 * @throws CrdsError ContextNotFound, ContextBroken, ContextChanged, RecordIncomplete, HistoryBroken
 */
export const activate = async (
  cache: string,
  context: string,
  options: ActivateOptions,
): Promise<HistoryEntry> => {
  checkAccount(options);
  const layout = layoutOf(cache);
  await assertWhole(layout, context);
  return changeContext(layout, async (newest) => {
    if (newest.to === context && newest.serial > 0) return undefined;
    checkExpected(newest, options.expected);
    return {
      action: 'activate',
      by: options.by,
      why: options.why,
      from: newest.to,
      to: context,
      ...NOTHING_NEW,
    };
  });
};

/** The newest change that no rollback has undone. */
const lastDone = (layout: CacheLayout, newest: HistoryEntry): HistoryEntry => {
  let entry = newest;
  while (entry.action === 'rollback') entry = readEntry(layout, entry.undoes - 1);
  if (entry.action !== 'begin') return entry;
  throw new CrdsError(
    'NothingToRollBack',
    `${entry.to} was in force when the history began; no change before it is known. Use activate to choose another context.`,
  );
};

/**
 * Undoes the newest change that is not undone yet: the context before it is in force again. Twice in a row goes two
 * changes back. Files stay; a rolled back context can be activated again.
 *
 * @returns the entry that says so
 * @throws CrdsError NothingToRollBack, ContextNotFound, ContextBroken, ContextChanged, RecordIncomplete
 */
export const rollback = async (cache: string, options: ActivateOptions): Promise<HistoryEntry> => {
  checkAccount(options);
  const layout = layoutOf(cache);
  return changeContext(layout, async (newest) => {
    checkExpected(newest, options.expected);
    const undone = lastDone(layout, newest);
    await assertWhole(layout, undone.from);
    return {
      action: 'rollback',
      by: options.by,
      why: options.why,
      from: newest.to,
      to: undone.from,
      ...NOTHING_NEW,
      undoes: undone.serial,
    };
  });
};

/**
 * Changes of the context in force, the newest first; none for a cache without a history.
 * @param options.limit   at most so many; all by default
 * @param options.before  only those with a lower number
 */
export const history = (
  cache: string,
  options: { readonly limit?: number; readonly before?: number } = {},
): HistoryEntry[] => {
  const layout = layoutOf(cache);
  const last = Math.min(lastSerial(layout), (options.before ?? Number.POSITIVE_INFINITY) - 1);
  const count = Math.min(Math.max(last, 0), options.limit ?? Number.POSITIVE_INFINITY);
  return Array.from({ length: count }, (_, i) => readEntry(layout, last - i));
};
