import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as core from '../src/index.ts';
import * as node from '../src/node.ts';

it('exports these names and no others', () => {
  expect(Object.keys(core).sort()).toMatchInlineSnapshot(`
    [
      "FitsError",
      "Header",
      "WcsError",
      "addDatasums",
      "cellOf",
      "compressImage",
      "datasum",
      "diffFits",
      "frameMap",
      "httpSource",
      "isGzip",
      "openFits",
      "parseWcs",
      "pixelToWorldMany",
      "planFits",
      "readGroups",
      "readImage",
      "readTable",
      "readWcs",
      "sealHeader",
      "verifyFits",
      "wcsAlternates",
      "worldToPixelMany",
      "writeWcs",
    ]
  `);
  expect(Object.keys(node).sort()).toMatchInlineSnapshot(`
    [
      "appendHdu",
      "closeThreads",
      "compressImageParallel",
      "editHeader",
      "openFile",
      "readImageParallel",
      "writeAtomically",
      "writeFile",
      "writeHdu",
    ]
  `);
});

it('runs in a browser: only src/node*.ts and src/atomic.ts, which they alone use, import from Node', () => {
  const src = join(import.meta.dirname, '../src');
  const core = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /^(?!node|atomic).*\.ts$/.test(file),
  );
  for (const file of core) {
    const imports = [...readFileSync(join(src, file), 'utf8').matchAll(/from '([^']+)'/g)].map((m) => m[1]);
    for (const name of imports) expect(`${file} ${name}`).toMatch(/ \.\.?\/(?!node|atomic)[a-z0-9/-]+\.ts$/);
  }
});
