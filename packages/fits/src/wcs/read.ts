import type { Fits } from '../open.ts';
import type { Hdu } from '../scan.ts';
import { readTable, type Table } from '../table.ts';
import { parseWcs, tableReferences, type Wcs, type WcsOptions } from './wcs.ts';

/**
 * The world coordinates of an HDU, with the lookup tables that they need read from the same file.
 *
 * @throws WcsError as `parseWcs`; FitsError where a table cannot be read
 */
export async function readWcs(
  fits: Fits,
  hdu: Hdu,
  options: Pick<WcsOptions, 'alternate'> = {},
): Promise<Wcs> {
  const tables = new Map<string, Table>();
  const key = (name: string, version: number) => `${name.toUpperCase()} ${version}`;
  for (const { name, version } of tableReferences(hdu.header, options.alternate)) {
    const found = fits.find(name, version);
    if (found && !tables.has(key(name, version)))
      tables.set(key(name, version), await readTable(fits, found));
  }
  return parseWcs(hdu.header, { ...options, tables: ({ name, version }) => tables.get(key(name, version)) });
}
