import { describe, expect, it } from 'vitest';
import { clippedMean, columnOffsets, rowOffsets } from '../../src/refpix/offsets.ts';

describe('the clipped mean', () => {
  it('leaves out what is no number and what lies beyond 3 σ', () => {
    const values = Array.from({ length: 30 }, (_, i) => 100 + (i % 3));
    expect(clippedMean([...values, Number.NaN, 5000])).toBeCloseTo(101, 10);
    expect(clippedMean([...values, Number.POSITIVE_INFINITY])).toBeCloseTo(101, 10);
    expect(clippedMean([Number.NaN])).toBeNaN();
    expect(clippedMean([7, 7, 7])).toBe(7);
  });
});

describe('column offsets', () => {
  it('are the levels of each output and parity, bottom and top averaged', () => {
    const nx = 12;
    const level = (x: number) => 10 * Math.floor(x / 3) + (x % 2);
    const strip = (shift: number) => Float32Array.from({ length: 4 * nx }, (_, i) => level(i % nx) + shift);
    const options = { outputs: 4, oddEven: true };
    expect([...columnOffsets([strip(-1), strip(3)], nx, options)]).toEqual(
      Array.from({ length: nx }, (_, x) => level(x) + 1),
    );
  });

  it('take the one edge that is there, and leave an output without good pixels alone', () => {
    const strip = Float32Array.from({ length: 8 }, (_, x) => (x < 4 ? 5 : Number.NaN));
    expect([...columnOffsets([strip], 8, { outputs: 2, oddEven: false })]).toEqual([5, 5, 5, 5, 0, 0, 0, 0]);
  });
});

describe('row offsets', () => {
  it('follow what the sides share, and have no level of their own', () => {
    const ny = 101;
    const wave = (y: number) => Math.sin(y / 30);
    const side = Float32Array.from({ length: ny * 4 }, (_, i) => 50 + wave(Math.floor(i / 4)));
    const rows = rowOffsets([side, side], ny, 5);
    const level = [...Array(ny).keys()].map(wave).sort((a, b) => a - b)[50]!;
    for (let y = 5; y < ny - 5; y++) expect(Math.abs(rows[y]! - (wave(y) - level))).toBeLessThan(0.01);
  });
});
