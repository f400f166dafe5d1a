import type { Below, Context } from '../context.ts';
import type { ReferenceMapping } from '../mapping.ts';
import { stringRepr, tupleRepr } from '../python/text.ts';
import { diffRules } from './rules.ts';

/** One difference between two contexts or two .rmap files. Plain data, fit for JSON. */
export interface Difference {
  /** `mapping`: a file named by a .pmap or .imap; `rule`: a rule of an .rmap. */
  readonly of: 'mapping' | 'rule';
  readonly action: 'added' | 'deleted' | 'replaced' | 'changed';
  /** Pairs of files, old and new, from the top down to those that differ. */
  readonly files: readonly (readonly [old: string, new: string])[];
  /** Instrument or type of a mapping; the parts of the key of each level of a rule. */
  readonly key: readonly (readonly string[])[];
  readonly instrument?: string;
  readonly type?: string;
  readonly old?: string;
  readonly new?: string;
  /** What CRDS says of it. */
  readonly text: string;
}

export interface ContextDiff {
  readonly old: string;
  readonly new: string;
  /** In the order of `crds diff`. */
  readonly differences: readonly Difference[];
  /** Instrument → types whose rules differ. */
  readonly affected: Readonly<Record<string, readonly string[]>>;
}

type Files = Difference['files'];

/** The tuples that CRDS prints, and by which it sorts. */
const tuples = ({ files, key }: Difference): readonly (readonly string[])[] => [...files, ...key];

const compareTuples = (a: readonly string[], b: readonly string[]): number => {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  return a.length - b.length;
};

/** Longer paths first. */
const compare = (a: Difference, b: Difference): number => {
  const [x, y] = [tuples(a), tuples(b)];
  if (x.length !== y.length) return y.length - x.length;
  for (const [i, tuple] of x.entries()) {
    const order = compareTuples(tuple, y[i]!);
    if (order !== 0) return order;
  }
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
};

/** Differences between two .rmap files, rule by rule. */
export const diffReferenceMappings = (
  old: ReferenceMapping,
  now: ReferenceMapping,
  above: Files = [],
): Difference[] => {
  const { instrument, filekind: type } = old;
  const files: Files = [...above, [old.file, now.file]];
  const levels = { old: old.parkey, new: now.parkey };
  return diffRules(old.rules, now.rules, levels).map((rule) => ({
    of: 'rule',
    files,
    instrument,
    type,
    ...rule,
  }));
};

interface Named {
  readonly file: string;
  readonly names: ReadonlyMap<string, string>;
}

/** Differences between the names of two .pmap or .imap files, and what `below` finds in the files they name. */
const diffNames = (
  old: Named,
  now: Named,
  above: Files,
  sumOf: { old: (file: string) => string | undefined; new: (file: string) => string | undefined },
  below: (key: string, a: string, b: string, files: Files) => Difference[],
): Difference[] => {
  const files: Files = [...above, [old.file, now.file]];
  const out: Difference[] = [];
  for (const [key, a] of old.names) {
    const shownKey = [[key]];
    const b = now.names.get(key);
    if (b === undefined) {
      out.push({
        of: 'mapping',
        action: 'deleted',
        files,
        key: shownKey,
        old: a,
        text: `deleted ${stringRepr(a)}`,
      });
    } else if (a !== b) {
      const nested = below(key, a, b, files);
      const [x, y] = [sumOf.old(a), sumOf.new(b)];
      if ((x === undefined || x !== y) && !(old.file === now.file && nested.length === 0)) {
        const text = `replaced ${stringRepr(a)} with ${stringRepr(b)}`;
        out.push({ of: 'mapping', action: 'replaced', files, key: shownKey, old: a, new: b, text });
      }
      out.push(...nested);
    }
  }
  for (const [key, b] of now.names) {
    if (old.names.has(key)) continue;
    const shownKey = [[key]];
    out.push({
      of: 'mapping',
      action: 'added',
      files,
      key: shownKey,
      new: b,
      text: `added ${stringRepr(b)}`,
    });
  }
  return out;
};

type Loaded = Pick<Below, 'instruments' | 'references'>;

/** What is compared below two .pmap: files by their sums, .imap with all below them. */
const comparison = (a: Loaded, b: Loaded) => {
  const sums = (side: Loaded) => (file: string) =>
    (side.instruments.get(file) ?? side.references.get(file))?.sha1sum;
  const sumOf = { old: sums(a), new: sums(b) };
  const rules = (x: string, y: string, files: Files): Difference[] => {
    const [old, now] = [a.references.get(x), b.references.get(y)];
    return old && now ? diffReferenceMappings(old, now, files) : [];
  };
  const types = (x: string, y: string, files: Files): Difference[] => {
    const [old, now] = [a.instruments.get(x), b.instruments.get(y)];
    if (!old || !now) return [];
    const found = diffNames(
      { file: x, names: old.types },
      { file: y, names: now.types },
      files,
      sumOf,
      (_, p, q, deeper) => rules(p, q, deeper),
    );
    return found.map((each) => ({
      ...each,
      instrument: old.instrument,
      ...(each.of === 'mapping' ? { type: each.key[0]![0]! } : {}),
    }));
  };
  return { sumOf, types };
};

/** Differences between two .imap files and in the .rmap files of the same type below them. */
export const diffInstrumentMappings = (
  [old, a]: readonly [file: string, below: Loaded],
  [now, b]: readonly [file: string, below: Loaded],
): Difference[] => comparison(a, b).types(old, now, []).sort(compare);

/**
 * What differs between two contexts, as `crds diff` has it: files that were added, removed, replaced in .pmap and
 * .imap, and every rule that was added, deleted, replaced in the .rmap files of the same instrument and type.
 * Mappings that could not be loaded are compared by name only.
 */
export const diffContexts = (a: Context, b: Context): ContextDiff => {
  const { sumOf, types } = comparison(a, b);
  const differences = diffNames(
    { file: a.name, names: a.pipeline.instruments },
    { file: b.name, names: b.pipeline.instruments },
    [],
    sumOf,
    (_, x, y, files) => types(x, y, files),
  ).sort(compare);
  const affected: Record<string, string[]> = {};
  for (const { instrument, type } of differences) {
    if (instrument === undefined || type === undefined) continue;
    affected[instrument] ??= [];
    if (!affected[instrument].includes(type)) affected[instrument].push(type);
  }
  return { old: a.name, new: b.name, differences, affected };
};

/** Lines as `crds diff` prints them. */
export const diffText = (differences: readonly Difference[]): string[] =>
  differences.map(
    (each) => `(${[...tuples(each).map(tupleRepr), stringRepr(each.text.replaceAll("'", ''))].join(', ')})`,
  );
