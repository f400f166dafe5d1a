import { describe, expect, it } from 'vitest';
import { colourTable } from '../src/commands/fits/colormap.ts';
import { type Look, pictureOf } from '../src/commands/fits/picture.ts';

const plane = (values: readonly number[], nx: number) => ({
  data: Float32Array.from(values),
  shape: [values.length / nx, nx] as const,
});
const look = (changes: Partial<Look> = {}): Look => ({
  size: 1024,
  stretch: 'linear',
  scale: 'minmax',
  cuts: undefined,
  colormap: 'grey',
  ...changes,
});
const ramp = plane([0, 25, 50, 75, 100], 5);

describe('a picture', () => {
  it.each([
    ['linear', [0, 64, 128, 191, 255]],
    ['sqrt', [0, 128, 180, 221, 255]],
    ['log', [0, 204, 229, 244, 255]],
    ['asinh', [0, 140, 197, 231, 255]],
  ] as const)('is stretched by %s as astropy.visualization does it', (stretch, levels) => {
    expect([...pictureOf(ramp, look({ stretch })).data]).toEqual(levels);
  });

  it('has the limits that are given, and what lies beyond is black or white', () => {
    const { data, black, white } = pictureOf(ramp, look({ cuts: [25, 75] }));
    expect([black, white, ...data]).toEqual([25, 75, 0, 0, 128, 255, 255]);
  });

  it('has percentile limits that leave out one pixel in four hundred at each end', () => {
    const values = Array.from({ length: 2000 }, (_, i) => i);
    const { black, white } = pictureOf(plane(values, 50), look({ scale: 'percentile' }));
    expect([black, white]).toEqual([4, 1995]);
  });

  it('has north up, is averaged to size, and is black where nothing is finite', () => {
    const { width, height, data } = pictureOf(
      plane([Number.NaN, Number.NaN, 2, 4, Number.NaN, Number.NaN, 4, 6, 8, 8, 0, 0, 8, 8, 0, 0], 4),
      look({ size: 2 }),
    );
    expect([width, height, ...data]).toEqual([2, 2, 255, 0, 0, 128]);
  });

  it('is black where all pixels are the same', () => {
    expect([...pictureOf(plane([5, 5, 5, 5], 2), look()).data]).toEqual([0, 0, 0, 0]);
  });

  it('has three channels in colour', () => {
    const { channels, data } = pictureOf(ramp, look({ colormap: 'viridis' }));
    expect([channels, ...data.subarray(0, 3), ...data.subarray(12)]).toEqual([3, 68, 1, 84, 253, 231, 36]);
  });
});

describe('a colour map', () => {
  it.each(['grey', 'viridis', 'inferno'] as const)('%s gets lighter from end to end', (name) => {
    const table = colourTable(name);
    const luminance = (level: number) =>
      0.2126 * table[3 * level]! + 0.7152 * table[3 * level + 1]! + 0.0722 * table[3 * level + 2]!;
    for (let level = 8; level < 256; level += 8) {
      expect([level, luminance(level) > luminance(level - 8)]).toEqual([level, true]);
    }
  });
});
