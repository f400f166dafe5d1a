import { datasum } from '@iris-drs/fits';
import { describe, expect, it } from 'vitest';
import { addToSum, encodeFloat32, encodeUint16, encodeUint32, finishSum } from '../src/encode.ts';
import { nextUint32, randomState } from '../src/random.ts';

const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

describe('FITS bytes', () => {
  it('shifts unsigned integers by half their range', () => {
    const two = new Uint8Array(6);
    encodeUint16(Uint16Array.of(0, 32768, 65535), two);
    expect([0, 2, 4].map((at) => view(two).getInt16(at))).toEqual([-32768, 0, 32767]);
    const four = new Uint8Array(8);
    encodeUint32(Uint32Array.of(1, 0xffffffff), four);
    expect([0, 4].map((at) => view(four).getInt32(at))).toEqual([-2147483647, 2147483647]);
  });

  it('writes floats big-endian', () => {
    const bytes = new Uint8Array(12);
    encodeFloat32(Float64Array.of(1.5, -0.1, Number.NaN), bytes);
    expect([0, 4].map((at) => view(bytes).getFloat32(at))).toEqual([1.5, Math.fround(-0.1)]);
    expect(view(bytes).getFloat32(8)).toBeNaN();
  });

  it('sums pieces at any even offset to the DATASUM of the whole', () => {
    const random = randomState('sum');
    const bytes = Uint8Array.from({ length: 5000 }, () => nextUint32(random) >>> 24);
    const sum = { high: 0, low: 0 };
    const cuts = [0, 2, 6, 16, 1030, 1032, 3002, 5000];
    for (const i of [3, 0, 6, 2, 5, 1, 4]) addToSum(sum, bytes.subarray(cuts[i], cuts[i + 1]), cuts[i]!);
    expect(finishSum(sum)).toBe(datasum(bytes));
    expect(finishSum({ high: 0, low: 0 })).toBe(0);
  });
});
