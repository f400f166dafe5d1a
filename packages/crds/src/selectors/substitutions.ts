import { hashKey, isKind, type PyEntry, type PyLiteral, type PyNode } from '../python/literal.ts';
import type { Rules } from './selector.ts';

type Table = Rules['substitutions'];

const GENERIC = new Map<string, PyLiteral>([[hashKey('GENERIC')!, 'N/A']]);
/** Valid in every rmap. */
const DEFAULTS: Table = new Map([
  ['META.SUBARRAY.NAME', GENERIC],
  ['SUBARRAY', GENERIC],
]);

/** The header's `{parameter: {rule value: value in its place}}` over CRDS' own. */
export const substitutionTable = (node: PyNode | undefined): Table => {
  const table = new Map(DEFAULTS);
  for (const [name, values] of isKind(node, 'dict') ? node.entries : []) {
    if (typeof name !== 'string' || !isKind(values, 'dict')) continue;
    const inner = new Map<string, PyLiteral>();
    for (const [from, to] of values.entries) {
      const literal = isKind(to, 'list') ? ({ kind: 'tuple', items: to.items } as const) : to;
      if (!isKind(literal, 'call')) inner.set(hashKey(from)!, literal);
    }
    table.set(name, inner);
  }
  return table;
};

const substituted = (key: PyLiteral, which: number, values: ReadonlyMap<string, PyLiteral>) => {
  const replacement = (part: PyNode | undefined): PyLiteral | undefined => {
    const hash = part === undefined ? undefined : hashKey(part);
    return hash === undefined ? undefined : values.get(hash);
  };
  if (!isKind(key, 'tuple')) return replacement(key);
  const to = replacement(key.items[which]);
  return to === undefined ? undefined : ({ kind: 'tuple', items: key.items.with(which, to) } as const);
};

/** Rules with the values of their keys replaced. A rule that becomes equal to another takes its place. */
export const substitute = (
  entries: readonly PyEntry[],
  parameters: readonly string[],
  table: Table,
): readonly PyEntry[] => {
  const changes = (parameter: string, which: number): boolean => {
    const values = table.get(parameter);
    return values !== undefined && entries.some(([key]) => substituted(key, which, values) !== undefined);
  };
  if (!parameters.some(changes)) return entries;
  const rules = new Map(entries.map((entry) => [hashKey(entry[0]), entry]));
  parameters.forEach((parameter, which) => {
    const values = table.get(parameter);
    if (!values || parameters.indexOf(parameter) !== which) return;
    for (const hash of [...rules.keys()]) {
      const [key, value] = rules.get(hash)!;
      const to = substituted(key, which, values);
      if (to === undefined) continue;
      rules.delete(hash);
      rules.set(hashKey(to), [to, value]);
    }
  });
  return [...rules.values()];
};
