import { CrdsError } from '../errors.ts';
import { appendEntry, type HistoryChange, type HistoryEntry, NOTHING_NEW, newestEntry } from './history.ts';
import { type CacheLayout, contextInForce } from './layout.ts';

/** Who changes the context in force, and why: goes into the history. */
export interface Account {
  readonly by: string;
  readonly why: string;
}

const MAX_ATTEMPTS = 100;
const LIMITS = { by: 200, why: 2000 } as const;

/** @throws CrdsError RecordIncomplete */
export const checkAccount = ({ by, why }: Account): void => {
  for (const [name, text] of Object.entries({ by, why })) {
    const limit = LIMITS[name as keyof typeof LIMITS];
    const control = /\p{Cc}/u.test(text.replaceAll('\n', ''));
    if (text.trim() !== '' && text.length <= limit && !control) continue;
    const found =
      text.trim() === ''
        ? 'missing'
        : control
          ? 'not plain text'
          : `${text.length} characters long, at most ${limit} are kept`;
    throw new CrdsError(
      'RecordIncomplete',
      `A change needs who makes it and why: \`${name}\` is ${found}; say it.`,
    );
  }
};

/** What the first entry of a history says: the context in force stays the same. */
const beginning = (layout: CacheLayout): HistoryChange => ({
  action: 'begin',
  by: 'drs',
  why: 'the context in force when the history begins',
  from: '',
  to: contextInForce(layout).context,
  ...NOTHING_NEW,
});

/**
 * Changes the context in force by compare-and-set: what `decide` makes of the newest entry becomes the next one,
 * unless another writer was faster; then it is asked again about that writer's. A process that dies in here leaves the
 * cache as it was before or as it is after.
 *
 * @param decide  undefined when there is nothing to do. Of a cache without a history it is told an entry of number 0:
 *   it must not write mappings then, which would be in force at once, only say whether it would; it is asked again
 *   when the history has begun
 * @returns the new entry, or the newest one
 * @throws CrdsError WritersCollide after very many lost races
 */
export const changeContext = async (
  layout: CacheLayout,
  decide: (newest: HistoryEntry) => Promise<HistoryChange | undefined>,
): Promise<HistoryEntry> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const newest = newestEntry(layout) ?? {
      serial: 0,
      time: new Date().toISOString(),
      ...beginning(layout),
    };
    const change = await decide(newest);
    if (change === undefined) return newest;
    if (newest.serial === 0) appendEntry(layout, 0, beginning(layout));
    else {
      const entry = appendEntry(layout, newest.serial, change);
      if (entry) return entry;
    }
  }
  const message = `Other writers were faster ${MAX_ATTEMPTS} times. Nothing was changed; try again when fewer write to ${layout.path}.`;
  throw new CrdsError('WritersCollide', message);
};

/** @throws CrdsError ContextChanged when another context is in force than the caller has seen */
export const checkExpected = (newest: HistoryEntry, expected: string | undefined): void => {
  if (expected === undefined || expected === '' || expected === newest.to) return;
  const how = newest.action === 'begin' ? '' : `: ${newest.by} changed it at ${newest.time}`;
  const message = `${newest.to} is in force, not ${expected}${how}. Look at the history and decide again.`;
  throw new CrdsError('ContextChanged', message);
};
