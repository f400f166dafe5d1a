import { detectorNamed } from '@iris-drs/tmt';
import { expect, test } from 'vitest';

test.each([
  ['IMG1', 'IMG1', 'imager', undefined],
  ['img4', 'IMG4', 'imager', undefined],
  ['IRIS1', 'IMG1', 'imager', undefined],
  [1, 'IMG1', 'imager', undefined],
  [4, 'IMG4', 'imager', undefined],
  ['IMG', 'IMG1', 'imager', true],
  ['IRIS-IMG', 'IMG1', 'imager', true],
  ['IFS', 'IFS', undefined, undefined],
  ['IFU', 'IFS', undefined, undefined],
  ['LEN', 'IFS', 'lenslet', undefined],
  ['SLC', 'IFS', 'slicer', undefined],
  ['SLI', 'IFS', 'slicer', undefined],
])('%s is %s', (name, detector, mode, whole) => {
  const found = detectorNamed(name);
  expect([found?.detector, found?.mode, found?.whole]).toEqual([detector, mode, whole]);
});

test.each(['PVC', '', 'IMG5', 0, 5, 1.5, 'constructor', '__proto__'])('%s is none of ours', (name) => {
  expect(detectorNamed(name)).toBeUndefined();
});
