import { describe, expect, it } from 'vitest';
import { clippedMedianNetwork, medianNetwork } from '../src/network.ts';
import { uniform } from './support.ts';

/** What assembly/medians.ts does with a network. */
const run = (network: Uint32Array, numbers: readonly number[]): number => {
  const [, lo, hi, ...pairs] = network;
  const v = [...numbers];
  for (const pair of pairs) {
    const a = pair & 0xffff;
    const b = pair >>> 16;
    [v[a], v[b]] = [Math.min(v[a]!, v[b]!), Math.max(v[a]!, v[b]!)];
  }
  return (v[lo!]! + v[hi!]!) / 2;
};

const median = (values: readonly number[]): number => {
  const s = values.toSorted((a, b) => a - b);
  return (s[(s.length - 1) >> 1]! + s[s.length >> 1]!) / 2;
};

const sizes = Array.from({ length: 33 }, (_, i) => i + 1);

describe('selection networks', () => {
  it.each([...sizes, 49, 199])('of %i numbers give their median', (n) => {
    const random = uniform(n);
    for (let k = 0; k < 200; k++) {
      // Few different values: a network that selects from zeros and ones selects from anything (Knuth, TAOCP 3, 5.3.4).
      const numbers = Array.from({ length: n }, () => Math.floor((k % 2 ? 2 : 1000) * random()));
      expect(run(medianNetwork(n), numbers)).toBe(median(numbers));
    }
  });

  it.each(sizes.slice(3))('of %i numbers give the median without the largest', (n) => {
    const random = uniform(n);
    for (let k = 0; k < 200; k++) {
      const numbers = Array.from({ length: n }, () => Math.floor((k % 2 ? 2 : 1000) * random()));
      const rest = numbers.toSorted((a, b) => a - b).slice(0, -1);
      expect(run(clippedMedianNetwork(n), numbers)).toBe(median(rest));
    }
  });

  it('of three numbers clip none, of two give the smaller', () => {
    expect(run(clippedMedianNetwork(3), [7, 1, 5])).toBe(5);
    expect(run(clippedMedianNetwork(2), [7, 1])).toBe(1);
  });

  it('leave out what the median does not depend on', () => {
    expect(medianNetwork(49)[0]).toBeLessThan(386);
  });
});
