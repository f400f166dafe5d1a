import { expect, it } from 'vitest';
import { observationHash } from './golden.ts';
import { scratch } from './scratch.ts';

it('gives the bytes and events it has always given while every effect is off', async () => {
  // From before there were effects: reads, truth, references and events of two detectors, SCI and SKY, seed 11.
  const before = '7c9cef37c71df63e8dc7776be575e7b196fd3970e2dd1d042c08447aeca86abd';
  expect(await observationHash(scratch())).toBe(before);
  expect(await observationHash(scratch(), { threads: 2 })).toBe(before);
});
