import { expect, it } from 'vitest';
import { identify } from '../../src/index.ts';

const exposureId = '2031A-001-123-IRIS-IMG3-SKY0-0001';

it('the detector is the announced one, else that of the file, else that of the exposure id', () => {
  expect(identify({ announced: 'IMG4', inFile: 'IRIS1', exposureId }).detector).toBe('IMG4');
  expect(identify({ inFile: 'IRIS1', exposureId }).detector).toBe('IMG1');
  expect(identify({ inFile: 'FANCY', exposureId })).toEqual({
    detector: 'IMG3',
    mode: 'imager',
    role: 'sky',
  });
  expect(identify({}).detector).toBe('IMG1');
});

it('lenslet or slicer is told by the name of the detector, else the header, else telemetry; lenslet if nothing says', () => {
  const mode = { units: 'NoUnits', values: ['SLICER'] };
  const telemetry = { 'IRIS.is.ifsMode': { time: '2031-03-14T09:00:00Z', parameters: { mode } } };
  const modes = [
    identify({ inFile: 'SLC', mode: 'LENSLET' }),
    identify({ inFile: 'IFS', mode: 'SLICER' }),
    identify({ inFile: 'IFS' }),
    identify({ inFile: 'IFS', telemetry }),
    identify({ inFile: 'IMG1', mode: 'SLICER' }),
  ].map((identity) => identity.mode);
  expect(modes).toEqual(['slicer', 'slicer', 'lenslet', 'slicer', 'imager']);
});
