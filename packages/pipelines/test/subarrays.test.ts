import { writeFileSync } from 'node:fs';
import { DQ, saveMask } from '@iris-drs/datamodels';
import { Header, type ImageHdu } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { describe, expect, it } from 'vitest';
import { DARK, pixels, product, SHAPE, workplace, worst } from './run.ts';

const place = workplace();
const { path, write, run, held } = place;
const NX = SHAPE[1];
/** Subarray 1: x 2–4, y 1–2 (0-based); subarray 2: x 6–7, y 3. */
const MAP = Uint16Array.from(DARK, (_, i) => {
  const [x, y] = [i % NX, Math.floor(i / NX)];
  if (x >= 2 && x <= 4 && y >= 1 && y <= 2) return 1;
  return x >= 6 && y === 3 ? 2 : 0;
});
const FLAGS = DQ.NON_SCIENCE | DQ.DO_NOT_USE;

const writePart = (
  name: string,
  id: number,
  shape: readonly [number, number],
  first: number,
  more = {},
): string => {
  const values = Float32Array.from({ length: shape[0] * shape[1] }, (_, k) => first + k);
  const image = (hdu: string, data: Float32Array | Uint32Array): ImageHdu => ({
    ...{ kind: 'image', name: hdu, shape: [...shape], data },
    header: Header.from(hdu === 'SCI' ? [['BUNIT', 'DN/s']] : []),
  });
  const keywords = { INSTRUME: 'IRIS', DETECTOR: 'IRIS1', SUBARRID: id, ...more };
  writeFile(path(name), [
    { kind: 'image', header: Header.from(Object.entries(keywords)), shape: [], dtype: 'uint8' },
    image('SCI', values),
    image(
      'DQ',
      Uint32Array.from(values, (_, k) => (k === 0 ? DQ.HOT : 0)),
    ),
    image(
      'ERR',
      values.map(() => 3),
    ),
  ]);
  return name;
};

describe('merge_subarrays', () => {
  const full = (): string => {
    write('full_rate.fits', {
      sci: pixels((i) => i),
      err: pixels(() => 1),
      map: MAP,
      keywords: [['SUBARRID', 0]],
    });
    return 'full_rate.fits';
  };

  it('puts pixels, flags and variances back where the map says, whatever the order of the files', async () => {
    const parts = [writePart('two.fits', 2, [1, 2], 900), writePart('one.fits', 1, [2, 3], 500)];
    const { saved } = await run('MergeSubarraysStep', [parts[0]!, full(), parts[1]!], { suffix: 'merged' });
    expect(saved).toEqual(['two_merged.fits']);
    const { sci, dq, varRnoise, header } = await product(path('two_merged.fits'));
    expect([
      sci[NX + 2],
      sci[NX + 4],
      sci[2 * NX + 2],
      sci[3 * NX + 6],
      sci[3 * NX + 7],
      sci[NX + 1],
    ]).toEqual([...[500, 502, 503, 900, 901, NX + 1]]);
    expect([dq[NX + 2], dq[NX + 3], varRnoise[NX + 3], varRnoise[0]]).toEqual([DQ.HOT, 0, 9, 1]);
    expect([header.get('NSUBMRG'), header.get('S_MERGSA'), header.get('INPUT001')]).toEqual([
      ...[2, 'COMPLETE', 'full_rate.fits'],
    ]);
    expect(header.cards.map(({ comment }) => comment).join('\n')).toContain(
      'Subarray 1: one.fits, x 3, y 2, 3 by 2 pixels',
    );
    expect(held()).toBe(0);
  });

  it('takes the members of an association', async () => {
    const members = [full(), writePart('one.fits', 1, [2, 3], 500)].map((expname) => ({
      expname,
      exptype: 'sci',
    }));
    writeFileSync(path('parts.json'), JSON.stringify({ products: [{ name: 'parts', members }] }));
    const { saved } = await run('liger_iris_pipeline.MergeSubarraysStep', ['parts.json'], {
      suffix: 'merged',
    });
    expect(saved).toEqual(['parts_merged.fits']);
    expect((await product(path('parts_merged.fits'))).sci[NX + 2]).toBe(500);
  });

  it('flags subarrays of which there is no file', async () => {
    await run('MergeSubarraysStep', [full(), writePart('one.fits', 1, [2, 3], 500)], { suffix: 'half' });
    const { dq } = await product(path('full_half.fits'));
    expect([dq[3 * NX + 6], dq[3 * NX + 7], dq[NX + 3]]).toEqual([FLAGS, FLAGS, 0]);
  });

  it('refuses a file of another size, an unknown number, the same twice, and files without a full frame', async () => {
    const one = writePart('one.fits', 1, [2, 3], 500);
    const wrong: [string[], string | RegExp][] = [
      [[full(), writePart('size.fits', 1, [3, 2], 1)], /has \[3, 2\] pixels/],
      [[full(), writePart('seven.fits', 7, [2, 3], 1)], /SUBARRID 7; SUBARR_MAP knows 1, 2/],
      [[full(), one, writePart('again.fits', 1, [2, 3], 1)], /comes twice/],
      [[one, writePart('two.fits', 2, [1, 2], 1)], /0 of the files are full frames/],
    ];
    for (const [files, message] of wrong)
      await expect(run('MergeSubarraysStep', files)).rejects.toThrow(message);
    expect(held()).toBe(0);
  });
});

describe('a subarray frame', () => {
  it('gets the part of full-frame references that it covers, offline too', async () => {
    const window = { SUBARRAY: 'SUB', SUBSTRT1: 3, SUBSTRT2: 2, SUBSIZE1: 3, SUBSIZE2: 2 };
    writePart('sub_rate.fits', 1, [2, 3], 9000, window);
    write('flat.fits', { sci: pixels((i) => 1 + i / 100), unit: '' });
    saveMask(path('mask.fits'), {
      flags: Uint32Array.from(DARK, (_, i) => (i === NX + 3 ? DQ.DEAD : 0)),
      shape: SHAPE,
      header: Header.from([['DETECTOR', 'IRIS1']]),
    });
    const options = {
      'steps.dark_current.override_dark': 'dark.fits',
      'steps.flat_field.override_flat': 'flat.fits',
      'steps.dq_init.override_mask': 'mask.fits',
      'steps.dark_current.dark_output': 'applied.fits',
    };
    for (const stripPixels of [100, 3]) {
      await run('Image2Pipeline', ['sub_rate.fits'], options, { stripPixels });
      const { sci, dq } = await product(path('sub_cal.fits'));
      const at = (k: number): number => (1 + Math.floor(k / 3)) * NX + 2 + (k % 3);
      const expected = (k: number): number => (9000 + k - DARK[at(k)]!) / (1 + at(k) / 100);
      expect(worst(sci, expected, 9000)).toBeLessThan(1e-6);
      expect([...dq]).toEqual([DQ.HOT, DQ.DEAD, 0, 0, 0, 0]);
    }
    const applied = await product(path('applied.fits'));
    expect([...applied.sci].map((value, k) => [k, value])[4]).toEqual([4, DARK[2 * NX + 3]]);
    expect(held()).toBe(0);
  });
});
