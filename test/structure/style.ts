import { type Node, parseFile, walk } from './syntax.ts';

/** Longest file, lines. */
export const MAX_LINES = 400;

// The words are put together so that this file does not find itself.
const UNFINISHED = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`);
const SILENCED = new RegExp(`@ts-(ignore|expect-error|nocheck)|biome-ignore-(all|start)|v8 ${'ignore'}`);
const MACHINE_PATH = /(?<![\w.$}>~-])\/(work|home|root|tmp|Users|shared)\/[\w.-]/;

/** Line numbers (1-based) on which a pattern occurs. */
const linesWith = (text: string, pattern: RegExp): number[] =>
  text.split('\n').flatMap((line, index) => (pattern.test(line) ? [index + 1] : []));

/** Faults that the text alone shows. */
export function textFaults(path: string, text: string): string[] {
  const lines = text.split('\n').length - 1;
  const at = (pattern: RegExp, what: string) =>
    linesWith(text, pattern).map((line) => `${path}:${line}: ${what}`);
  return [
    ...(lines > MAX_LINES ? [`${path}: ${lines} lines; more than ${MAX_LINES} is a missing concept`] : []),
    ...at(UNFINISHED, 'unfinished work marked in a comment'),
    // AssemblyScript marks its decorators so; no checker reads those files.
    ...(path.startsWith('packages/kernels/assembly/') ? [] : at(SILENCED, 'a checker is silenced')),
    // Manifests name paths in containers.
    ...(path.startsWith('deploy/') ? [] : at(MACHINE_PATH, "a path of somebody's machine")),
  ];
}

const lineOf = (text: string, node: Node): number => text.slice(0, node.start).split('\n').length;

/** Faults that need the syntax tree of a TypeScript file. */
export function syntaxFaults(path: string, text: string, tree: Node): string[] {
  return [...walk(tree)].flatMap((node) => {
    if (node.type === 'TSAnyKeyword') return [`${path}:${lineOf(text, node)}: any`];
    if (node.type === 'ExportDefaultDeclaration' && !/config\.ts$/.test(path))
      return [`${path}:${lineOf(text, node)}: default export; rooms export by name`];
    return [];
  });
}

const MUTED = new Set(['skip', 'only', 'todo', 'skipIf', 'runIf', 'fails']);
const STARTERS = new Set(['it', 'test', 'describe', 'suite', 'bench']);

/** `it.each(…)` → ['it', 'each']: the names of a call's function, outermost first. */
function calleeNames(node: unknown): string[] {
  const { type, name, object, property, callee, tag } = node as Record<string, unknown> & Node;
  if (type === 'Identifier') return [String(name)];
  if (type === 'MemberExpression') return [...calleeNames(object), ...calleeNames(property)];
  if (type === 'CallExpression') return calleeNames(callee);
  if (type === 'TaggedTemplateExpression') return calleeNames(tag);
  return [];
}

const asserts = (node: Node): boolean =>
  [...walk(node)].some(
    (inner) =>
      inner.type === 'CallExpression' &&
      calleeNames(inner.callee).some((name) => /^(expect|assert)|(Agree|Equal|Match)s?$/.test(name)),
  );

/** Names of functions declared in a file whose body asserts: tests may assert through them. */
function assertingFunctions(tree: Node): Set<string> {
  const names = new Set<string>();
  for (const node of walk(tree)) {
    const named = node.type === 'FunctionDeclaration' || node.type === 'VariableDeclarator';
    if (named && asserts(node)) names.add(String((node.id as { name?: string } | null)?.name));
  }
  return names;
}

/** Muted tests, and tests that assert nothing. */
export function testFaults(path: string, text: string, tree: Node): string[] {
  const helpers = assertingFunctions(tree);
  let tests = 0;
  const faults: string[] = [];
  for (const node of walk(tree)) {
    if (node.type !== 'CallExpression') continue;
    const [first, ...rest] = calleeNames(node.callee);
    const where = `${path}:${lineOf(text, node)}`;
    if (first !== undefined && /^x(it|describe|test)$/.test(first)) faults.push(`${where}: muted test`);
    if (first !== undefined && STARTERS.has(first) && rest.some((name) => MUTED.has(name)))
      faults.push(`${where}: muted test (${[first, ...rest].join('.')})`);
    if (rest.at(-1) === 'skip' && (first === 'ctx' || first === 'context' || first === 'task'))
      faults.push(`${where}: muted test (${first}.skip)`);
    const body = (node.arguments as Node[]).find(({ type }) => /Function/.test(type));
    if ((first !== 'it' && first !== 'test') || body === undefined) continue;
    tests += 1;
    const calls = [...walk(body)].filter(({ type }) => type === 'CallExpression');
    if (!asserts(body) && !calls.some(({ callee }) => calleeNames(callee).some((name) => helpers.has(name))))
      faults.push(`${where}: this test asserts nothing`);
  }
  if (tests === 0) faults.push(`${path}: no test in this file`);
  return faults;
}

export const fileFaults = (path: string, text: string): string[] => [
  ...textFaults(path, text),
  ...(path.endsWith('.ts') && !path.startsWith('packages/kernels/assembly/')
    ? syntaxFaults(path, text, parseFile(path))
    : []),
  ...(path.endsWith('.test.ts') ? testFaults(path, text, parseFile(path)) : []),
];
