import { expect, test } from 'vitest';
import { readSettings } from '../src/index.ts';

test('defaults are for one machine; only the data volume must be named', () => {
  expect(readSettings({ DRS_DATA: '/data' })).toMatchObject({
    dataDir: '/data',
    natsUrl: 'nats://127.0.0.1:4222',
    grpcAddress: '127.0.0.1:0',
    modes: ['imager', 'lenslet', 'slicer'],
    skyDeadlineSeconds: 20,
    threads: undefined,
    tokensFile: undefined,
    refdbAddress: undefined,
    otlpEndpoint: undefined,
  });
  expect(() => readSettings({})).toThrow(/DRS_DATA is not set; set it to the data volume/);
});

test('an empty variable is an absent one', () => {
  expect(readSettings({ DRS_DATA: '/data', NATS_URL: '', DRS_THREADS: '', DRS_MODES: '' })).toMatchObject({
    natsUrl: 'nats://127.0.0.1:4222',
    threads: undefined,
  });
});

test('values are read and checked, with the variable, what it holds and what was expected', () => {
  const env = { DRS_DATA: '/data', DRS_MODES: 'slicer, imager', DRS_THREADS: '3', DRS_SKY_DEADLINE: '2.5' };
  expect(readSettings(env)).toMatchObject({
    modes: ['imager', 'slicer'],
    threads: 3,
    skyDeadlineSeconds: 2.5,
  });
  const refused = (more: Record<string, string>) => () => readSettings({ DRS_DATA: '/data', ...more });
  expect(refused({ DRS_MODES: 'imager,camera' })).toThrow(
    "DRS_MODES='imager,camera'; expected a comma-separated list of imager, lenslet, slicer, or all.",
  );
  expect(refused({ DRS_THREADS: 'two' })).toThrow("DRS_THREADS='two'; expected a number of at least 1.");
  expect(refused({ DRS_SKY_DEADLINE: '-1' })).toThrow(
    expect.objectContaining({ code: 'SETTING_INVALID', input: 'DRS_SKY_DEADLINE' }),
  );
});
