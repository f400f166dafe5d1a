import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { floorFault, importFault, importFaults, manifestFaults, reachable } from './floors.ts';
import { FLOORS, filesUnder, type Room, rooms, root } from './rooms.ts';
import { importsOf, parseFile, parseText } from './syntax.ts';

const all = rooms();
const room = (path: string): Room => all.find((entry) => entry.path === path)!;

describe('floors of the house', () => {
  it('gives every room a floor', () => {
    expect(all.map(({ path }) => path).filter((path) => FLOORS[path] === undefined)).toEqual([]);
    expect(all.length).toBeGreaterThanOrEqual(16);
  });

  it.each(all.map((entry) => [entry.path, entry] as const))('%s declares lower floors only', (_, entry) => {
    expect(manifestFaults(entry, all)).toEqual([]);
  });

  it.each(all.map((entry) => [entry.path, entry] as const))('%s imports lower floors only', (_, entry) => {
    expect(importFaults(entry, all)).toEqual([]);
  });

  it('keeps the core of fits free of Node, so that it runs in a browser', () => {
    const core = [...reachable('packages/fits/src/index.ts')];
    const uses = core.flatMap((file) =>
      importsOf(parseFile(file))
        .filter((name) => name.startsWith('node:'))
        .map((name) => `${file} imports ${name}`),
    );
    expect(uses).toEqual([]);
  });

  it('imports only modules that exist', () => {
    const missing = all.flatMap(({ path }) =>
      filesUnder(path, /\.ts$/)
        .filter((file) => !file.startsWith('packages/kernels/assembly/'))
        .flatMap((file) =>
          importsOf(parseFile(file))
            .filter((name) => name.startsWith('.') && !existsSync(join(root, file, '..', name)))
            .map((name) => `${file} imports ${name}`),
        ),
    );
    expect(missing).toEqual([]);
  });
});

describe('the floor check has teeth', () => {
  const fits = room('packages/fits');

  it('sees imports of every form', () => {
    const tree = parseText(`
      import a from 'a'; import type { B } from 'b'; export * from 'c'; export type { D } from 'd';
      const e = () => import('e'); type F = import('f').F; import 'g';`);
    expect(importsOf(tree).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });

  it('refuses upward and sideways dependencies', () => {
    expect(floorFault(fits, '@iris-drs/datamodels', all)).toContain('only lower floors');
    expect(floorFault(fits, '@iris-drs/kernels', all)).toContain('only lower floors');
    expect(floorFault(room('services/calib'), '@iris-drs/readout', all)).toContain('only lower floors');
    expect(floorFault(room('packages/simulator'), '@iris-drs/kernels', all)).toContain('alone');
    expect(floorFault(fits, '@iris-drs/nowhere', all)).toContain('no room');
    expect(floorFault(room('packages/cli'), '@iris-drs/fits', all)).toBeUndefined();
  });

  it('refuses relative imports that leave the room and packages not declared', () => {
    const file = 'packages/fits/src/header/card.ts';
    expect(importFault(fits, file, '../../../kernels/src/index.ts', all)).toContain('leaves packages/fits');
    expect(importFault(fits, file, './value.js', all)).toContain('.ts extension');
    expect(importFault(fits, file, 'left-pad', all)).toContain('does not declare');
    expect(importFault(fits, file, 'vitest', all)).toContain('does not declare');
    expect(importFault(fits, 'packages/fits/test/card.test.ts', 'vitest', all)).toBeUndefined();
    expect(
      importFault(room('packages/crds'), 'packages/crds/src/a.ts', '@iris-drs/fits/src/x', all),
    ).toContain('does not export');
    expect(importFault(fits, file, './value.ts', all)).toBeUndefined();
  });

  it('lets tests, and tests alone, use their room by name and the shared fixtures', () => {
    const [source, test] = ['packages/fits/src/a.ts', 'packages/fits/test/a.test.ts'];
    expect(importFault(fits, test, '@iris-drs/fits', all)).toBeUndefined();
    expect(importFault(fits, test, '@iris-drs/fits/src/x.ts', all)).toContain('does not export');
    expect(importFault(fits, source, '@iris-drs/fits', all)).toContain('own room');
    expect(importFault(fits, test, '../../../test/fixtures/nats.ts', all)).toBeUndefined();
    expect(importFault(fits, source, '../../../test/fixtures/nats.ts', all)).toContain('leaves');
  });
});
