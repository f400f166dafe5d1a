import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rooms, root } from './rooms.ts';
import { exportsOf } from './syntax.ts';

// One snapshot file for each entry of each room. After a deliberate change:
//   ./drs test -u test/structure/public-api.test.ts
const entries = rooms().flatMap(({ path, manifest }) =>
  Object.entries(manifest.exports ?? {}).map(([subpath, conditions]) => ({
    specifier: `${manifest.name}${subpath.slice(1)}`,
    source: join(path, conditions['@iris/source'] ?? ''),
    built: join(path, conditions.default ?? ''),
  })),
);

describe('public API', () => {
  it.each(entries)('$specifier exports these names', async ({ specifier, source }) => {
    const names = exportsOf(source).map(({ name, isType }) => (isType ? `type ${name}` : name));
    expect(new Set(names).size, 'a name is exported twice').toBe(names.length);
    expect(names, 'rooms export by name').not.toContain('default');
    const file = specifier.replace('@iris-drs/', '').replaceAll('/', '-');
    await expect(`${names.sort().join('\n')}\n`).toMatchFileSnapshot(`__snapshots__/${file}.txt`);
  });

  it.each(entries)('$specifier has a source that its build mirrors', ({ source, built }) => {
    expect(existsSync(join(root, source))).toBe(true);
    expect(built).toBe(source.replace('/src/', '/dist/').replace(/\.ts$/, '.js'));
  });
});
