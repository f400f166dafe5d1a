/**
 * The literals of a mapping file as data. Python ints are bigint and floats are number, because CRDS compares
 * and prints them differently; the rest is what it looks like.
 */
export type PyLiteral = string | number | bigint | boolean | null | PyTuple | PyList | PyDict;
export type PyNode = PyLiteral | PyCall;

export interface PyTuple {
  readonly kind: 'tuple';
  readonly items: readonly PyNode[];
}

export interface PyList {
  readonly kind: 'list';
  readonly items: readonly PyNode[];
}

export interface PyDict {
  readonly kind: 'dict';
  /** In the order of the text, each key once (the last value wins, as in Python). */
  readonly entries: readonly PyEntry[];
}

/** A selector: `Match({…})`. Kept as written; nothing is called. */
export interface PyCall {
  readonly kind: 'call';
  readonly name: string;
  readonly entries: readonly PyEntry[];
  readonly line: number;
}

export type PyEntry = readonly [key: PyLiteral, value: PyNode];

export const isKind = <K extends 'tuple' | 'list' | 'dict' | 'call'>(
  node: PyNode | undefined,
  kind: K,
): node is Extract<PyNode, { kind: K }> => typeof node === 'object' && node !== null && node.kind === kind;

/** Text that is equal exactly when Python finds two keys equal (1 == 1.0 == True); undefined when unhashable. */
export const hashKey = (node: PyNode): string | undefined => {
  switch (typeof node) {
    case 'string':
      return `s${node.length}:${node}`;
    case 'bigint':
      return `n${node}`;
    case 'boolean':
      return node ? 'n1' : 'n0';
    case 'number':
      return Number.isInteger(node) ? `n${BigInt(node)}` : `n${node}`;
    default: {
      if (node === null) return 'none';
      if (node.kind !== 'tuple') return undefined;
      const items = node.items.map(hashKey);
      return items.includes(undefined) ? undefined : `t${items.length}(${items.join(',')})`;
    }
  }
};
