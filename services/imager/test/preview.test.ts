import { readFileSync } from 'node:fs';
import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { openWorkbench } from '../../../test/fixtures/workbench.ts';
import { writePreview } from '../src/preview.ts';

const bench = openWorkbench();

it('a preview is a small greyscale PNG beside the product, north as on the sky', async () => {
  using plane = bench.engine.float32([600, 1000]);
  // A gradient upwards, and noise enough for limits.
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = Math.floor(i / 1000) + ((i * 7919) % 13);
  const path = await writePreview(bench.path('a_cal.fits'), plane);
  expect(path).toBe(bench.path('a_cal.png'));
  const { width, height, channels, depth, data } = decode(readFileSync(path));
  expect([width, height, channels, depth]).toEqual([500, 300, 1, 8]);
  expect(Number(data[0])).toBeGreaterThan(Number(data[data.length - 1]) + 100);
});
