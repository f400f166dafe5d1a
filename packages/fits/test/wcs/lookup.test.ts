import { describe, expect, it } from 'vitest';
import { Header, parseWcs, readWcs } from '../../src/index.ts';
import { openFile } from '../../src/node.ts';
import { temporaryDirectory } from '../oracle.ts';
import { compare, truthOfTables } from './truth.ts';

const truths = truthOfTables(temporaryDirectory()) ?? [];

describe.each(truths.map((truth) => [truth.name.replace(/.*\//, ''), truth] as const))('%s', (_, truth) => {
  it('agrees with wcslib within the table and half an element beyond it', async () => {
    expect(truth.error).toBeUndefined();
    using fits = await openFile(truth.name);
    const differences = compare(await readWcs(fits, fits.hdu(0)), truth);
    expect(differences.solutions).toBe(0);
    expect(differences.sky).toBeLessThan(1e-6);
    expect(differences.other).toBeLessThan(1);
  });

  // wcslib's own inverse is coarse: 1e-10 m in tables of several dimensions, and beyond the end of an index it stops there.
  it('comes back to the pixel', async () => {
    using fits = await openFile(truth.name);
    const wcs = await readWcs(fits, fits.hdu(0));
    if (truth.name.includes('single')) return; // constant
    const exact = truth.pixel.filter((_, k) => !truth.world[k]?.includes(null));
    expect(exact.length).toBeGreaterThan(100);
    const worst = exact.map((pixel) => {
      const back = wcs.toPixel(...wcs.toWorld(...pixel));
      return Math.max(...back.map((value, j) => Math.abs(value - (pixel[j] as number))));
    });
    expect(Math.max(...worst)).toBeLessThan(1e-9);
  });
});

describe('a -TAB axis', () => {
  const cards = Header.from([
    ['NAXIS', 1],
    ['CTYPE1', 'WAVE-TAB'],
    ['PS1_0', 'LOOKUP'],
    ['PS1_1', 'COORDS'],
  ]);

  it('without its table is refused', () => {
    expect(() => parseWcs(cards)).toThrowErrorMatchingInlineSnapshot(
      `[WcsError: CTYPE1: the lookup table LOOKUP version 1 was not given; pass it in \`tables\`]`,
    );
  });

  it('takes the table from a callback', () => {
    const column = { name: 'COORDS', format: '3D', repeat: 3, data: Float64Array.of(1e-6, 2e-6, 4e-6) };
    const table = {
      rows: 1,
      columns: [column],
      find: (name: string) => (name === 'COORDS' ? column : undefined),
    };
    const wcs = parseWcs(cards, { tables: ({ name }) => (name === 'LOOKUP' ? table : undefined) });
    expect(wcs.axes[0]).toEqual({ ctype: 'WAVE-TAB', kind: 'spectral', unit: '', name: '' });
    // ψ is the 1-based pixel here.
    expect(wcs.toWorld(0.5)[0]).toBeCloseTo(1.5e-6, 18);
    expect(wcs.toPixel(3e-6)[0]).toBeCloseTo(1.5, 12);
    expect(wcs.toWorld(3)).toEqual([Number.NaN]);
  });

  it('whose column has another shape, or whose index is not monotonic, is refused', () => {
    const coords = { name: 'COORDS', format: '3D', repeat: 3, shape: [3, 1], data: Float64Array.of(1, 2, 3) };
    const index = { name: 'INDEX', format: '3D', repeat: 3, data: Float64Array.of(1, 3, 2) };
    const columns = [coords, index];
    const table = { rows: 1, columns, find: (name: string) => columns.find((c) => c.name === name) };
    const options = { tables: () => table };
    expect(() => parseWcs(cards.clone().set('PS1_2', 'INDEX'), options)).toThrowErrorMatchingInlineSnapshot(
      `[WcsError: CTYPE1: index INDEX is not monotonic at element 3]`,
    );
    expect(() => parseWcs(cards.clone().set('PV1_3', 2), options)).toThrowErrorMatchingInlineSnapshot(
      `[WcsError: CTYPE1: PVi_3 of its axes are not 1 to 1]`,
    );
    expect(() => parseWcs(cards.clone().set('PS1_1', 'NOWHERE'), options)).toThrowErrorMatchingInlineSnapshot(
      `[WcsError: CTYPE1: LOOKUP version 1 has no column NOWHERE]`,
    );
  });
});
