import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAst } from 'vitest/node';
import { readText, root } from './rooms.ts';

/** A syntax node as the parser gives it: ESTree with TypeScript's additions. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

const parsed = new Map<string, Node>();

export const parseText = (text: string): Node => parseAst(text, { lang: 'ts' }) as unknown as Node;

/** Syntax tree of a TypeScript file of the checkout, parsed once. */
export function parseFile(path: string): Node {
  let tree = parsed.get(path);
  if (tree === undefined) {
    tree = parseText(readText(path));
    parsed.set(path, tree);
  }
  return tree;
}

/** All nodes of a tree, parents first. */
export function* walk(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* walk(child);
  }
}

/** Module specifiers a tree imports or re-exports, static and dynamic, types included. */
export function importsOf(tree: Node): string[] {
  const found = new Set<string>();
  for (const node of walk(tree)) {
    const importing =
      /^(Import|ExportNamed|ExportAll)Declaration$/.test(node.type) ||
      node.type === 'ImportExpression' ||
      node.type === 'TSImportType';
    const source = importing ? (node.source ?? node.argument) : undefined;
    if (isNode(source) && typeof source.value === 'string') found.add(source.value);
  }
  return [...found];
}

export interface ExportedName {
  readonly name: string;
  readonly isType: boolean;
}

const nameOf = (node: unknown): string => {
  const { name, value } = node as { name?: string; value?: string };
  return name ?? value ?? '?';
};

function declaredNames(declaration: Node): ExportedName[] {
  if (declaration.type === 'VariableDeclaration') {
    return (declaration.declarations as Node[]).map(({ id }) => ({ name: nameOf(id), isType: false }));
  }
  const isType = /^TS(Interface|TypeAlias)Declaration$/.test(declaration.type);
  return [{ name: nameOf(declaration.id), isType }];
}

/** Names a module exports, following `export *` and type re-exports through relative imports. */
export function exportsOf(path: string): ExportedName[] {
  const target = (node: Node): string | undefined => {
    const source = (node.source as Node | null)?.value;
    if (typeof source !== 'string' || !source.startsWith('.')) return undefined;
    const file = join(dirname(path), source);
    return existsSync(join(root, file)) ? file : undefined;
  };
  return (parseFile(path).body as Node[]).flatMap((node): ExportedName[] => {
    const file = target(node);
    if (node.type === 'ExportAllDeclaration') {
      if (isNode(node.exported)) return [{ name: `${nameOf(node.exported)} (namespace)`, isType: false }];
      if (file === undefined || file.includes('/gen/')) {
        return [
          { name: `* from ${String((node.source as Node).value)}`, isType: node.exportKind === 'type' },
        ];
      }
      return exportsOf(file);
    }
    if (node.type === 'ExportDefaultDeclaration') return [{ name: 'default', isType: false }];
    if (node.type !== 'ExportNamedDeclaration') return [];
    if (isNode(node.declaration)) return declaredNames(node.declaration);
    const behind = file === undefined ? [] : exportsOf(file);
    return (node.specifiers as Node[]).map((specifier) => {
      const local = nameOf(specifier.local);
      const isType =
        node.exportKind === 'type' ||
        specifier.exportKind === 'type' ||
        behind.some((entry) => entry.name === local && entry.isType);
      return { name: nameOf(specifier.exported), isType };
    });
  });
}
