import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GrpcServer, grpcClient, openTelemetry, remoteReferences, startGrpc } from '@iris-drs/bus';
import { buildCache } from '@iris-drs/crds';
import {
  type BestReferencesRequest,
  type BestReferencesResponse,
  type FetchChunk,
  type GetContextResponse,
  ReferenceDataClient,
  ReferenceDataService,
} from '@iris-drs/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { referenceData } from '../src/index.ts';
import { alone } from './fixtures/alone.ts';

const { tracer } = openTelemetry({ service: 'test' });
const FLAT = Buffer.from(Array.from({ length: 5 * 2 ** 20 + 17 }, (_, i) => i % 251));
let dir: string;
let cache: string;
let server: GrpcServer;
let client: ReferenceDataClient;
/** Bytes the server gave to gRPC. */
let written = 0;

const build = (serial: number, file: string) => {
  const from = join(dir, 'made.fits');
  writeFileSync(from, FLAT);
  const references = ['IRIS1', 'IRIS2'].map((detector) => ({
    match: [detector],
    useAfter: '2020-01-01 00:00:00',
    file: detector === 'IRIS1' ? file : 'missing.fits',
    ...(detector === 'IRIS1' ? { from } : {}),
  }));
  const flat = { parameters: ['META.INSTRUMENT.DETECTOR'], references };
  return buildCache(cache, { serial, types: { flat, dark: 'N/A' } });
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'refdb-'));
  cache = join(dir, 'cache');
  await build(1, 'flat_1.fits');
  server = await startGrpc({ address: '127.0.0.1:0', tracer });
  const service = referenceData(alone(cache, dir));
  server.add(ReferenceDataService, {
    ...service,
    fetch(call: Parameters<typeof service.fetch>[0]) {
      const write = call.write.bind(call);
      call.write = (chunk: FetchChunk) => {
        written += chunk.data.length;
        return write(chunk);
      };
      service.fetch(call);
    },
  });
  client = grpcClient(ReferenceDataClient, server.address);
});
afterAll(async () => {
  client.close();
  await server.stop(500);
  rmSync(dir, { recursive: true, force: true });
});

const header = (detector: string) => ({
  keywords: { INSTRUME: 'IRIS', DETECTOR: detector, 'DATE-OBS': '2026-01-01T00:00:00' },
});
const best = (request: Partial<BestReferencesRequest>): Promise<BestReferencesResponse> =>
  new Promise((resolve, reject) => {
    const full = { context: '', headers: [header('IMG1')], referenceTypes: ['flat'], ...request };
    client.bestReferences(full, (error, response) => (error ? reject(error) : resolve(response)));
  });
const context = (): Promise<GetContextResponse> =>
  new Promise((resolve, reject) => {
    client.getContext({}, (error, response) => (error ? reject(error) : resolve(response)));
  });
const fetched = async (file: string): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  let offset = 0;
  for await (const chunk of client.fetch({ file, offset: 0 }) as AsyncIterable<FetchChunk>) {
    expect(chunk.offset).toBe(offset);
    offset += chunk.data.length;
    parts.push(chunk.data);
  }
  return Buffer.concat(parts);
};

describe('ReferenceData over gRPC', () => {
  it('answers one for each header and type, with the place of the file', async () => {
    const answer = await best({
      headers: [header('IMG1'), header('IMG2'), header('IMG9'), { keywords: {} }],
      referenceTypes: ['flat', 'dark', 'bogus'],
    });
    expect(answer.context).toBe('tmt_0001.pmap');
    const flats = answer.datasets.map(({ references }) => references[0]);
    const place = join(cache, 'references/tmt/iris/flat_1.fits');
    expect(flats).toMatchObject([
      { answer: { $case: 'file', value: 'flat_1.fits' }, path: place, size: FLAT.length },
      { answer: { $case: 'file', value: 'missing.fits' }, path: '', size: 0 },
      { answer: { $case: 'error', value: { kind: 'ValidationError' } } },
      { answer: { $case: 'error', value: { kind: 'MissingInstrument' } } },
    ]);
    expect(answer.datasets[0]?.references).toMatchObject([
      { referenceType: 'flat' },
      { referenceType: 'dark', answer: { $case: 'notApplicable', value: true } },
      { referenceType: 'bogus', answer: { $case: 'error', value: { kind: 'CrdsUnknownReftypeError' } } },
    ]);
  });

  it('answers every type of the rules when none is named, those too that do not apply', async () => {
    const { datasets } = await best({ referenceTypes: [] });
    expect(datasets[0]?.references).toMatchObject([
      {
        referenceType: 'dark',
        answer: { $case: 'notApplicable', value: true },
        reason: 'tmt_iris_0001.imap says N/A',
      },
      { referenceType: 'flat', answer: { $case: 'file', value: 'flat_1.fits' } },
    ]);
  });

  it('names its context and every mapping it is made of', async () => {
    expect(await context()).toEqual({
      context: 'tmt_0001.pmap',
      mappings: ['tmt_0001.pmap', 'tmt_iris_0001.imap', 'tmt_iris_flat_0001.rmap'],
      source: cache,
    });
  });

  it('streams a reference or mapping in order', async () => {
    expect((await fetched('flat_1.fits')).equals(FLAT)).toBe(true);
    const mapping = readFileSync(join(cache, 'mappings/tmt/tmt_0001.pmap'));
    expect((await fetched('tmt_0001.pmap')).equals(mapping)).toBe(true);
  });

  it('reads no further ahead than a slow client takes', async () => {
    const big = join(cache, 'references/tmt/iris/big.fits');
    writeFileSync(big, '');
    truncateSync(big, 512 * 2 ** 20);
    written = 0;
    const call = client.fetch({ file: 'big.fits', offset: 0 });
    call.on('error', () => undefined);
    // Before its first read a client takes everything; after it, as much as it reads.
    call.once('data', () => call.pause());
    // The first chunk needs a moment; from then on a server that does not wait never pauses this long.
    for (let last = -1; last !== written || written === 0; await sleep(300)) last = written;
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(64 * 2 ** 20);
    call.cancel();
  });

  it.each([
    ['../../../../../etc/passwd', 3],
    ['/etc/passwd', 3],
    ['..', 3],
    ['', 3],
    ['tmt_0099.pmap', 5],
    ['missing.fits', 5],
  ])('refuses to fetch %j', async (file, code) => {
    await expect(fetched(file)).rejects.toMatchObject({ code });
  });

  it('says that a file is only a git-lfs pointer', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 67115520\n';
    writeFileSync(join(cache, 'references/tmt/iris/pointer.fits'), pointer);
    await expect(fetched('pointer.fits')).rejects.toMatchObject({
      code: 9,
      details: expect.stringContaining('is a git-lfs pointer'),
    });
  });

  it('serves as the remote source of references', async () => {
    const cacheDir = join(dir, 'client');
    const references = remoteReferences({ client, cacheDir });
    expect(await references.context()).toBe('tmt_0001.pmap');
    const [flat] = await references.best(header('IMG1').keywords, ['flat']);
    expect(flat).toEqual({ type: 'flat', answer: 'file', file: 'flat_1.fits' });
    expect(readFileSync(await references.fetch('flat_1.fits')).equals(FLAT)).toBe(true);
  });

  it('takes up a new context, and still answers by an older one that is named', async () => {
    await build(2, 'flat_2.fits');
    expect((await context()).context).toBe('tmt_0002.pmap');
    const value = async (name: string) =>
      (await best({ context: name })).datasets[0]?.references[0]?.answer?.value;
    expect(await value('')).toBe('flat_2.fits');
    expect(await value('tmt_0001.pmap')).toBe('flat_1.fits');
    await expect(best({ context: 'tmt_0009.pmap' })).rejects.toMatchObject({ code: 5 });
    await expect(best({ context: '../x.pmap' })).rejects.toMatchObject({ code: 3 });
  });
});
