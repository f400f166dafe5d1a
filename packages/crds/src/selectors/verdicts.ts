import type { Matcher } from '../match/matcher.ts';
import type { Verdict } from './selector.ts';

/** Values of a parameter whose verdicts are kept; then all are forgotten. */
const KEPT_VALUES = 256;
/** Longer values are judged anew each time. */
export const KEPT_LENGTH = 200;

/** What each rule says to one value of one parameter: a bit for each rule, in the order of the rules. */
interface Column {
  /** Rules that the value does not reject. */
  readonly passed: Uint32Array;
  /** Rules that it matches. */
  readonly matched: Uint32Array;
}

/** The verdicts of all rules of a Match, remembered by value, so that a header costs a few words of bits. */
export interface Verdicts {
  verdict(rule: number, parameter: number, value: string): Verdict;
  /** Rules that no value rejects, those with most matches first; equal ones together, in their order. */
  candidates(values: readonly string[]): number[][];
}

export const verdictsOf = (rules: readonly (readonly Matcher[])[], count: number): Verdicts => {
  const words = (rules.length + 31) >>> 5;
  const tables = Array.from({ length: count }, () => new Map<string, Column>());
  const all = new Uint32Array(words);
  rules.forEach((_, r) => {
    all[r >>> 5]! |= 1 << (r & 31);
  });
  const scratch = new Uint32Array(words);

  const columnOf = (parameter: number, value: string): Column => {
    const table = tables[parameter]!;
    const known = table.get(value);
    if (known) return known;
    const column: Column = { passed: new Uint32Array(words), matched: new Uint32Array(words) };
    rules.forEach((matchers, r) => {
      const verdict = matchers[parameter]!(value);
      if (verdict >= 0) column.passed[r >>> 5]! |= 1 << (r & 31);
      if (verdict > 0) column.matched[r >>> 5]! |= 1 << (r & 31);
    });
    if (value.length > KEPT_LENGTH) return column;
    if (table.size >= KEPT_VALUES) table.clear();
    table.set(value, column);
    return column;
  };

  return {
    verdict: (rule, parameter, value) => rules[rule]![parameter]!(value),
    candidates(values) {
      const columns = values.map((value, parameter) => columnOf(parameter, value));
      scratch.set(all);
      for (const { passed } of columns) for (let w = 0; w < words; w++) scratch[w]! &= passed[w]!;
      const byWeight: number[][] = [];
      for (let w = 0; w < words; w++) {
        for (let bits = scratch[w]!; bits !== 0; bits &= bits - 1) {
          const bit = 31 - Math.clz32(bits & -bits);
          let weight = 0;
          for (const { matched } of columns) weight += (matched[w]! >>> bit) & 1;
          const group = byWeight[weight];
          if (group) group.push(w * 32 + bit);
          else byWeight[weight] = [w * 32 + bit];
        }
      }
      return byWeight.filter(Boolean).reverse();
    },
  };
};
