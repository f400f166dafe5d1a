import { expect, it } from 'vitest';
import { stripsOf } from '../src/strips.ts';

it.each([
  [[4096, 4096], undefined, [64, 128, 256, 512, 512, 512, 512, 512, 512, 288, 288]],
  [[3000, 4096], undefined, [64, 128, 256, 512, 512, 512, 508, 508]],
  [[1024, 2048], undefined, [1024]],
  [[4096, 4096], Number.POSITIVE_INFINITY, [4096]],
  [[7, 5], 16, [3, 3, 1]],
  [[2, 5], 1, [1, 1]],
] as const)('a frame of %j in pieces of %s pixels has strips of %j rows', (shape, pixels, rows) => {
  const strips = stripsOf(shape, pixels);
  expect(strips.map(([from, to]) => to - from)).toEqual(rows);
  expect(strips.map(([from]) => from)).toEqual([0, ...strips.slice(0, -1).map(([, to]) => to)]);
});
