import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status as Status } from '@grpc/grpc-js';
import { ReferenceDataClient, type ReferenceDataServer, ReferenceDataService } from '@iris-drs/proto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  type GrpcServer,
  grpcClient,
  openTelemetry,
  remoteReferences,
  serviceErrorOf,
  startGrpc,
  streamFile,
} from '../src/index.ts';

const telemetry = openTelemetry({ service: 'test' });
const { tracer } = telemetry;
const DARK = Buffer.alloc(3 * 2 ** 20 + 5, 'dark');
let base: string;
let server: GrpcServer;
let client: ReferenceDataClient;
let fetches: string[];
let shareFlat: boolean;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'drs-refs-'));
  mkdirSync(join(base, 'server'));
  writeFileSync(join(base, 'server', 'dark.fits'), DARK);
  writeFileSync(join(base, 'server', 'flat.fits'), 'flat');
  const service: Pick<ReferenceDataServer, 'bestReferences' | 'fetch' | 'getContext'> = {
    bestReferences({ request }, answer) {
      const references = request.referenceTypes.map((referenceType) => {
        const path =
          referenceType === 'flat' && shareFlat
            ? join(base, 'server', 'flat.fits')
            : '/of/another/machine.fits';
        if (referenceType === 'bias') {
          return {
            referenceType,
            answer: { $case: 'notApplicable' as const, value: true },
            path: '',
            size: 0,
            reason: '',
          };
        }
        if (referenceType === 'gain') {
          const value = {
            kind: 'LookupError',
            message: `no match for ${request.headers[0]?.keywords.DETECTOR}`,
          };
          return { referenceType, answer: { $case: 'error' as const, value }, path: '', size: 0, reason: '' };
        }
        return {
          referenceType,
          answer: { $case: 'file' as const, value: `${referenceType}.fits` },
          path,
          size: 4,
          reason: '',
        };
      });
      answer(null, { context: 'iris_0001.pmap', datasets: [{ references }] });
    },
    fetch(call) {
      fetches.push(call.request.file);
      if (call.request.file === 'gone.fits') {
        call.emit('error', { code: Status.NOT_FOUND, details: 'no such reference' });
        return;
      }
      if (call.request.file === 'short.fits') {
        call.write({ offset: 0, data: Buffer.from('half'), totalSize: 8, sha1: '' });
        call.end();
        return;
      }
      const damaged = call.request.file === 'damaged.fits';
      const hash = createHash('sha1').update(damaged ? 'not what it was' : '');
      streamFile(join(base, 'server', damaged ? 'dark.fits' : call.request.file), call, {
        message(part, last) {
          hash.update(part.data);
          return { ...part, sha1: last ? hash.digest('hex') : '' };
        },
      }).catch((error) => call.emit('error', serviceErrorOf(error)));
    },
    getContext: (_call, answer) => answer(null, { context: 'iris_0001.pmap', mappings: [], source: 'test' }),
  };
  server = await startGrpc({ address: '127.0.0.1:0', tracer });
  server.add(ReferenceDataService, service);
  client = grpcClient(ReferenceDataClient, server.address, { tracer });
});
afterAll(async () => {
  client.close();
  await server.stop(500);
  rmSync(base, { recursive: true, force: true });
});
beforeEach(() => {
  fetches = [];
  shareFlat = true;
  rmSync(join(base, 'cache'), { recursive: true, force: true });
});

const open = () => remoteReferences({ client, cacheDir: join(base, 'cache'), deadlineMs: 5_000 });

test('answers come in the order asked, with N/A and errors told apart', async () => {
  const source = open();
  expect(await source.context()).toBe('iris_0001.pmap');
  expect(await source.best({ DETECTOR: 'IMG1' }, ['gain', 'dark', 'bias'])).toEqual([
    { type: 'gain', answer: 'error', kind: 'LookupError', message: 'no match for IMG1' },
    { type: 'dark', answer: 'file', file: 'dark.fits' },
    { type: 'bias', answer: 'notApplicable', reason: expect.any(String) },
  ]);
});

test('a file whose path is shared is read in place', async () => {
  const source = open();
  await source.best({}, ['flat']);
  expect(await source.fetch('flat.fits')).toBe(join(base, 'server', 'flat.fits'));
  expect(fetches).toEqual([]);
});

test('any other is fetched once, whole, into the cache', async () => {
  const source = open();
  await source.best({}, ['dark']);
  const paths = await Promise.all([source.fetch('dark.fits'), source.fetch('dark.fits')]);
  expect(new Set(paths)).toEqual(new Set([join(base, 'cache', 'dark.fits')]));
  expect(readFileSync(paths[0]).equals(DARK)).toBe(true);
  expect(await open().fetch('dark.fits')).toBe(paths[0]);
  expect(fetches).toEqual(['dark.fits']);
});

test('what is missing is permanent, what broke off is retriable, and neither leaves a file', async () => {
  const source = open();
  await expect(source.fetch('gone.fits')).rejects.toMatchObject({
    code: 'REFERENCE_MISSING',
    retriable: false,
  });
  await expect(source.fetch('short.fits')).rejects.toMatchObject({
    code: 'REFERENCE_FETCH',
    retriable: true,
  });
  await expect(source.fetch('damaged.fits')).rejects.toMatchObject({
    code: 'REFERENCE_FETCH',
    message: expect.stringContaining('its sha1 is'),
  });
  await expect(source.fetch('../dark.fits')).rejects.toMatchObject({ code: 'REFERENCE_MISSING' });
  expect(readdirSync(join(base, 'cache'))).toEqual([]);
  expect(fetches).toEqual(['gone.fits', 'short.fits', 'damaged.fits']);
});
