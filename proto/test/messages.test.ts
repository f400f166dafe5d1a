import { expect, test } from 'vitest';
import { Failure, type MessageFns, Product, Task } from '../src/index.ts';

const frame = {
  path: '20310101/raw/a_rate.fits',
  size: 67_115_520,
  shape: [4096, 4096],
  dtype: 'float32',
  datasum: '123',
};
const input = { frame, exptype: 'science', exposureId: 'E1', extver: 1 };

const task = Task.fromPartial({
  schemaVersion: 1,
  stage: 'calib',
  mode: 'imager',
  detector: 'IMG1',
  exposureId: 'E1',
  inputs: [input],
  utDate: '20310101',
  version: 1,
  options: { 'dark.skip': 'true' },
  keywords: [
    { name: 'AIRMASS', value: { $case: 'number', value: 1.25 }, source: 'TCS.airmass' },
    { name: 'NEXP', value: { $case: 'integer', value: -3 } },
  ],
  lastEventTime: new Date('2031-01-01T00:00:00.250Z'),
});
const product = Product.fromPartial({
  schemaVersion: 1,
  level: 'l2a',
  mode: 'imager',
  detector: 'IMG1',
  exposureId: 'E1',
  version: 1,
  stage: 'calib',
  suffix: 'flt',
  frame,
  traceId: '0af7651916cd43dd8448eb211c80319c',
  latencySeconds: 1.5,
  stepSeconds: { dark: 0.25 },
});
const failure = Failure.fromPartial({
  schemaVersion: 1,
  stage: 'readout',
  mode: 'imager',
  exposureId: 'E1',
  input: 'a.fits',
  code: 'FITS_TRUNCATED',
  message: 'HDU 2 ends early',
  hdu: 'SCI,2',
});

/** Bytes that an older or newer service, or one in another language, reads: a change here breaks them. */
test.each<[string, MessageFns<unknown>, unknown]>([
  ['Task', Task as MessageFns<unknown>, task],
  ['Product', Product as MessageFns<unknown>, product],
  ['Failure', Failure as MessageFns<unknown>, failure],
])('%s keeps its bytes', (_name, type, message) => {
  const bytes = type.encode(message).finish();
  expect(Buffer.from(bytes).toString('hex')).toMatchSnapshot();
  expect(type.decode(bytes)).toEqual(message);
  expect(type.fromJSON(JSON.parse(JSON.stringify(type.toJSON(message))))).toEqual(message);
});

test('a field that a newer release added is skipped, not an error', () => {
  const newer = Buffer.concat([
    Failure.encode(failure).finish(),
    Buffer.from([0xa2, 0x06, 0x02, 0x68, 0x69]),
  ]);
  expect(Failure.decode(newer)).toEqual(failure);
});

test('an oneof tells which kind of value a keyword has, zero and false included', () => {
  const keywords = [
    { name: 'A', value: { $case: 'number' as const, value: 0 } },
    { name: 'B', value: { $case: 'flag' as const, value: false } },
    { name: 'C', value: { $case: 'text' as const, value: '' } },
  ];
  const { keywords: read } = Task.decode(Task.encode(Task.fromPartial({ keywords })).finish());
  expect(read.map(({ value }) => value)).toEqual(keywords.map(({ value }) => value));
});
