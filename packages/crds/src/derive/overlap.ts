import { conditionValue } from '../condition.ts';
import { globList } from '../match/glob.ts';

const subset = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => [...a].every((x) => b.has(x));

/** True when `wide` matches whatever `narrow` does, both conditioned. @see crds/core/selectors.py `match_superset` */
const covers = (wide: readonly string[], narrow: readonly string[]): boolean =>
  wide.every((a, i) => {
    const b = narrow[i]!;
    if (a === b || a === '*' || b === 'N/A' || (a === 'N/A' && b === '*')) return true;
    if (b === '*') return false;
    const [x, y] = [new Set(globList(a)), new Set(globList(b))];
    return x.size > y.size && subset(y, x);
  });

/** How many of the parameters count in one of two keys and not in the other. */
const onlyIn = (key: readonly string[], other: readonly string[]): number =>
  key.filter((part, i) => part === 'N/A' && other[i] !== 'N/A').length;

/**
 * The rule that matches whatever a new rule matches, and as well: which of the two answers is then left to chance or
 * to merging, so CRDS refuses the new one.
 *
 * @param key      of the new rule, as it would be written
 * @param others   conditioned keys of the level
 */
export const overlapped = (
  key: readonly string[],
  others: readonly (readonly string[])[],
): readonly string[] | undefined => {
  const own = key.map(conditionValue);
  return others.find(
    (other) =>
      other.some((part, i) => part !== own[i]) &&
      covers(other, own) &&
      onlyIn(own, other) === onlyIn(other, own),
  );
};
