import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { filesUnder, readManifest, readText, rooms, root } from './rooms.ts';
import { fileFaults, MAX_LINES, syntaxFaults, testFaults, textFaults } from './style.ts';
import { parseText } from './syntax.ts';

const SOURCES = /\.(ts|mjs|py|proto|sh|md|ya?ml)$/;
const documents = ['README.md', 'CONTRIBUTING.md'].filter((path) => existsSync(join(root, path)));
const folders = ['proto', 'packages', 'services', 'test', 'tools', 'deploy', 'docs'];
// The rules' own examples of what is wrong are in this folder.
const files = folders
  .flatMap((folder) => filesUnder(folder, SOURCES))
  .filter((path) => !/^test\/structure\/style(\.test)?\.ts$/.test(path));

describe('house style', () => {
  it.each(folders)('%s has no long file, silenced checker, muted or empty test', (folder) => {
    const own = files.filter((path) => path.startsWith(`${folder}/`));
    expect(own.flatMap((path) => fileFaults(path, readText(path)))).toEqual([]);
  });

  it('names no machine in the documents at the root', () => {
    expect(documents.flatMap((path) => textFaults(path, readText(path)))).toEqual([]);
  });
});

describe('package.json files', () => {
  const manifests = [
    { path: '.', manifest: readManifest('.') },
    { path: 'test', manifest: readManifest('test') },
    ...rooms(),
  ];

  it('agree on version, licence and module type, and are private', () => {
    for (const { path, manifest } of manifests) {
      expect(manifest, path).toMatchObject({
        version: manifests[0]!.manifest.version,
        license: 'BSD-3-Clause',
        type: 'module',
        private: true,
      });
    }
  });

  it('pin every dependency, to the same version everywhere', () => {
    const seen = new Map<string, string>();
    const faults: string[] = [];
    for (const { path, manifest } of manifests) {
      const { dependencies, devDependencies, optionalDependencies } = manifest;
      const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
      for (const [name, version] of all) {
        // Types of the runtime follow the runtime's major version.
        const exact = version === 'workspace:*' || /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version);
        if (!exact && name !== '@types/node') faults.push(`${path}: ${name} ${version} is not pinned`);
        const before = seen.get(name);
        if (before !== undefined && before !== version)
          faults.push(`${path}: ${name} ${version}, elsewhere ${before}`);
        seen.set(name, version);
      }
    }
    expect(faults).toEqual([]);
  });
});

describe('pnpm-lock.yaml', () => {
  interface Locked {
    readonly importers: Readonly<
      Record<string, Readonly<Record<string, Readonly<Record<string, { readonly specifier: string }>>>>>
    >;
  }

  // A fresh clone installs with --frozen-lockfile, which refuses any difference.
  it('asks for what the package.json files ask for', () => {
    const { importers } = parse(readText('pnpm-lock.yaml')) as Locked;
    for (const path of ['.', 'test', ...rooms().map((room) => room.path)]) {
      const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
      for (const kind of kinds) {
        const locked = Object.entries(importers[path]?.[kind] ?? {});
        const asked = Object.fromEntries(locked.map(([name, { specifier }]) => [name, specifier]));
        expect(asked, `${path} ${kind}`).toEqual(readManifest(path)[kind] ?? {});
      }
    }
  });
});

describe('the style check has teeth', () => {
  const inText = (text: string) => textFaults('a.ts', text);
  const inTree = (text: string) => syntaxFaults('a.ts', text, parseText(text));
  const inTest = (text: string) => testFaults('a.test.ts', text, parseText(text));

  it('sees long files, unfinished work, silenced checkers and machine paths', () => {
    expect(inText('x\n'.repeat(MAX_LINES))).toEqual([]);
    expect(inText('x\n'.repeat(MAX_LINES + 1))).toHaveLength(1);
    expect(inText('// TODO later')).toHaveLength(1);
    expect(inText('// @ts-ignore')).toHaveLength(1);
    expect(inText("open('/tmp/x')")).toHaveLength(1);
    expect(inText("open('/home/me/x')")).toHaveLength(1);
    expect(inText("mount('/tmp'), data('work/x'), run('/usr/bin/python3')")).toEqual([]);
  });

  it('sees any and default exports', () => {
    expect(inTree('export const f = (x: any) => x;')).toHaveLength(1);
    expect(inTree('export default 1;')).toHaveLength(1);
    expect(inTree('export const any = "any";')).toEqual([]);
  });

  it('sees muted and empty tests', () => {
    expect(inTest("it.skip('a', () => { expect(1).toBe(1); })")).toHaveLength(1);
    expect(inTest("describe.only('a', () => { it('b', () => { expect(1).toBe(1); }) })")).toHaveLength(1);
    expect(inTest("it.todo('a'); it('b', () => { expect(1).toBe(1); })")).toHaveLength(1);
    expect(inTest("it('a', () => { f(); })")).toHaveLength(1);
    expect(inTest("it.each([1])('a', () => { f(); })")).toHaveLength(1);
    expect(inTest('const a = 1;')).toHaveLength(1);
    expect(inTest("const same = (x) => { expect(x).toBe(1); }; it('a', () => { same(1); })")).toEqual([]);
    expect(inTest("it('a', async () => { await expect(p).rejects.toThrow(); })")).toEqual([]);
  });
});
