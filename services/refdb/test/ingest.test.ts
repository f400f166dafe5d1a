import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceError } from '@grpc/grpc-js';
import { ingestRemotely } from '@iris-drs/bus';
import { buildCache, fileChecksum, history } from '@iris-drs/crds';
import type { IngestRequest, IngestResponse } from '@iris-drs/proto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeReference } from '../../../test/fixtures/small-reference.ts';
import { alone } from './fixtures/alone.ts';
import { callsOf, connect } from './fixtures/connect.ts';

let dir: string;
let cache: string;
let service: Awaited<ReturnType<typeof connect>>;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'refdb-'));
  cache = join(dir, 'cache');
  mkdirSync(join(dir, 'data'));
  const flat = { parameters: ['META.INSTRUMENT.DETECTOR'], references: [] };
  await buildCache(cache, { types: { flat, dark: 'N/A' } });
  service = await connect(alone(cache, join(dir, 'data')));
});
afterEach(async () => {
  await service[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const who = { by: 'ada', why: 'a test' };
const header = { INSTRUME: 'IRIS', DETECTOR: 'IMG1', 'DATE-OBS': '2031-01-01T00:00:00' };
const flat = async () => {
  const { context, datasets } = await callsOf(service.client).best([header], ['flat']);
  return { context, file: datasets[0]?.references[0]?.answer?.value };
};
const below = (part: string): string[] =>
  readdirSync(join(cache, part), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name);
const ingestsTold = () => history(cache).filter(({ action }) => action === 'ingest');

type Part = NonNullable<IngestRequest['part']>;
const start = (value = {}): Part => ({
  $case: 'start',
  value: { ...who, dryRun: false, references: 1, ...value },
});
const reference = (value = {}): Part => ({
  $case: 'reference',
  value: { file: 'flat_1.fits', referenceType: '', path: '', size: 0, sha1: '', ...value },
});
const data = (value: Uint8Array): Part => ({ $case: 'data', value });

/** Sends parts as they stand; the answer, or the error. */
const send = async (...parts: Part[]): Promise<IngestResponse> => {
  const { promise, resolve, reject } = Promise.withResolvers<IngestResponse>();
  const call = service.client.ingest((error: ServiceError | null, response) =>
    error ? reject(error) : resolve(response),
  );
  call.on('error', () => undefined);
  for (const part of parts) call.write({ part });
  call.end();
  return promise;
};

describe('an ingest over gRPC', () => {
  it('takes files from a client that does not share the volume', async () => {
    const paths = [
      writeReference(dir, 'flat_1.fits', { size: 700 }),
      writeReference(dir, 'flat_2.fits', { useAfter: '2032-01-01T00:00:00' }),
    ];
    expect(statSync(paths[0]!).size).toBeGreaterThan(2 ** 20);
    const { entry, changed } = await ingestRemotely(service.client, {
      references: paths.map((path) => ({ path })),
      ...who,
    });
    expect(changed).toBe(true);
    expect(entry).toMatchObject({
      serial: 2,
      action: 'ingest',
      ...who,
      references: [
        { file: 'flat_1.fits', referenceType: 'flat', ...(await fileChecksum(paths[0]!)) },
        { file: 'flat_2.fits' },
      ],
      changes: [
        { action: 'insert', referenceType: 'flat', key: ['IMG1', '2030-01-01 00:00:00'] },
        { action: 'insert', key: ['IMG1', '2032-01-01 00:00:00'] },
      ],
    });
    expect(entry?.time).toBeInstanceOf(Date);
    expect(await flat()).toEqual({ context: 'tmt_0002.pmap', file: 'flat_1.fits' });
  });

  it('takes a file of the volume by its path', async () => {
    writeReference(join(dir, 'data'), 'made.fits');
    const { entry } = await send(start(), reference({ path: 'made.fits', file: 'flat_9.fits' }));
    expect(entry?.references).toMatchObject([{ file: 'flat_9.fits' }]);
    expect(await flat()).toMatchObject({ file: 'flat_9.fits' });
  });

  it('asked twice, as after a lost answer, is made once', async () => {
    const references = [{ path: writeReference(dir, 'flat_1.fits') }];
    const first = await ingestRemotely(service.client, { references, ...who });
    const again = await ingestRemotely(service.client, { references, ...who });
    expect(again).toEqual({ ...first, changed: false });
  });

  it('rehearsed changes nothing', async () => {
    const references = [{ path: writeReference(dir, 'flat_1.fits') }];
    const { entry, changed } = await ingestRemotely(service.client, { references, ...who, dryRun: true });
    expect([entry?.serial, entry?.to, changed]).toEqual([0, 'tmt_0002.pmap', true]);
    expect(history(cache)).toEqual([]);
    expect(below('references')).toEqual([]);
  });
});

describe('an ingest that is not as it should be is refused and leaves nothing', () => {
  afterEach(async () => {
    expect(ingestsTold()).toEqual([]);
    // The answer may be there before the last file is gone.
    for (let tries = 0; tries < 200 && below('references').length > 0; tries++) await sleep(25);
    expect(below('references')).toEqual([]);
  });

  it.each([
    ['no start', [reference({ size: 3 }), data(Buffer.from('abc'))], 'begins with `reference`'],
    ['nothing', [], 'begins with the end'],
    ['no references', [start({ references: 0 })], '0 references are announced'],
    ['too many references', [start({ references: 1e6 })], '1000000 references are announced'],
    ['data without a reference', [start(), data(Buffer.from('abc'))], '`data` comes where a reference'],
    ['an early end', [start(), reference({ size: 10 }), data(Buffer.from('abc'))], 'after 3 of 10 bytes'],
    ['too many bytes', [start(), reference({ size: 2 }), data(Buffer.from('abc'))], 'more than the 2 bytes'],
    ['neither path nor size', [start(), reference()], 'neither a path nor a size'],
    ['a message of nothing', [start(), undefined as unknown as Part], 'a message holds nothing'],
  ] as const)('%s', async (_, parts, message) => {
    await expect(send(...parts)).rejects.toMatchObject({
      code: 3,
      details: expect.stringContaining(message),
    });
  });

  it('a name that leads elsewhere', async () => {
    for (const file of [
      '../flat.fits',
      '/etc/flat.fits',
      'a/b.fits',
      '..',
      '.x.fits',
      'x\0.fits',
      'x'.repeat(300),
    ])
      await expect(
        send(start(), reference({ file, size: 3 }), data(Buffer.from('abc'))),
        file,
      ).rejects.toMatchObject({
        code: 3,
      });
  });

  it('a path that leads out of the volume, by itself or by a link', async () => {
    const outside = writeReference(dir, 'flat_1.fits');
    symlinkSync(outside, join(dir, 'data/link.fits'));
    symlinkSync(dir, join(dir, 'data/up'));
    for (const path of [outside, '../flat_1.fits', 'link.fits', 'up/flat_1.fits', '/etc/passwd'])
      await expect(send(start(), reference({ path })), path).rejects.toMatchObject({ code: 7 });
  });

  it('a path that is no regular file', async () => {
    execFileSync('mkfifo', [join(dir, 'data/fifo.fits')]);
    mkdirSync(join(dir, 'data/directory.fits'));
    for (const [path, message] of [
      ['fifo.fits', 'is a FIFO'],
      ['directory.fits', 'is a directory'],
    ] as const)
      await expect(send(start(), reference({ path }))).rejects.toMatchObject({
        code: 3,
        details: expect.stringContaining(message),
      });
    await expect(send(start(), reference({ path: 'nothing.fits' }))).rejects.toMatchObject({ code: 5 });
  });

  it('bytes that are not those that were announced', async () => {
    const bytes = readFileSync(writeReference(dir, 'flat_1.fits'));
    const announced = reference({ size: bytes.length, sha1: '0'.repeat(40) });
    await expect(send(start(), announced, data(bytes))).rejects.toMatchObject({
      code: 15,
      details: expect.stringContaining('send it again'),
    });
  });

  it('bytes that are no reference', async () => {
    await expect(send(start(), reference({ size: 3 }), data(Buffer.from('abc')))).rejects.toMatchObject({
      details: expect.stringContaining('flat_1.fits'),
    });
  });

  it('no who or why', async () => {
    const bytes = readFileSync(writeReference(dir, 'flat_1.fits'));
    const rest = [reference({ size: bytes.length }), data(bytes)];
    await expect(send(start({ by: '' }), ...rest)).rejects.toMatchObject({ code: 3 });
    await expect(send(start({ why: '' }), ...rest)).rejects.toMatchObject({ code: 3 });
  });

  it('a client that leaves in the middle', async () => {
    const call = service.client.ingest(() => undefined);
    call.on('error', () => undefined);
    call.write({ part: start() });
    call.write({ part: reference({ size: 1e9 }) });
    call.write({ part: data(Buffer.alloc(2 ** 20)) });
    const staged = () => readdirSync(join(cache, 'references/tmt')).filter((name) => name.startsWith('.'));
    const until = async (count: number): Promise<void> => {
      for (let tries = 0; tries < 200 && staged().length !== count; tries++) await sleep(25);
      expect(staged()).toHaveLength(count);
    };
    await until(1);
    call.cancel();
    await until(0);
  });

  it('bytes that are no messages, within gRPC and without', async () => {
    const garbage = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 131) % 256));
    const { promise, resolve } = Promise.withResolvers<ServiceError | null>();
    const call = service.client.makeClientStreamRequest(
      '/iris.drs.v1.ReferenceData/Ingest',
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      resolve,
    );
    call.on('error', () => undefined);
    call.write(garbage);
    expect(await promise).toMatchObject({ code: expect.any(Number) });
    const [host, port] = service.address.split(':');
    const socket = createConnection({ host: host ?? '', port: Number(port) });
    socket.on('error', () => undefined);
    socket.end(garbage);
    await once(socket.resume(), 'close');
    expect((await flat()).context).toBe('tmt_0001.pmap');
  });

  it('a message beyond what gRPC takes', async () => {
    const big = data(Buffer.alloc(8 * 2 ** 20));
    await expect(send(start(), reference({ size: 8 * 2 ** 20 }), big)).rejects.toMatchObject({ code: 8 });
  });
});

describe('who may change something', () => {
  const tokens = (text: string): string => {
    writeFileSync(join(dir, 'tokens'), text);
    return join(dir, 'tokens');
  };
  const SECRET = 'a-secret-of-the-archive';

  it('is told by the token, also in the history', async () => {
    const deps = alone(cache, join(dir, 'data'), {
      address: '0.0.0.0:50051',
      tokens: tokens(`# who may write\narchive ${SECRET}\n`),
    });
    await using guarded = await connect(deps);
    const references = [{ path: writeReference(dir, 'flat_1.fits') }];
    for (const token of [undefined, 'a-secret-of-somebody-else', `${SECRET}x`]) {
      await expect(ingestRemotely(guarded.client, { references, ...who, token })).rejects.toMatchObject({
        code: 16,
        metadata: expect.anything(),
      });
      await expect(callsOf(guarded.client, token).activate('tmt_0001.pmap')).rejects.toMatchObject({
        code: 16,
      });
      await expect(callsOf(guarded.client, token).rollback()).rejects.toMatchObject({ code: 16 });
    }
    expect(history(cache)).toEqual([]);
    const { entry } = await ingestRemotely(guarded.client, { references, ...who, token: SECRET });
    expect(entry?.by).toBe('ada (archive)');
    const anonymous = await ingestRemotely(guarded.client, {
      references: [{ path: writeReference(dir, 'flat_2.fits', { detector: 'IMG2' }) }],
      by: '',
      why: 'nightly',
      token: SECRET,
    });
    expect(anonymous.entry?.by).toBe('archive');
    // Reading needs none.
    expect((await callsOf(guarded.client).history()).entries).toHaveLength(3);
  });

  it('is nobody beyond loopback without tokens', async () => {
    await using guarded = await connect(alone(cache, join(dir, 'data'), { address: '0.0.0.0:50051' }));
    await expect(callsOf(guarded.client).activate('tmt_0001.pmap')).rejects.toMatchObject({
      code: 7,
      details: expect.stringContaining('Set DRS_TOKENS to a file'),
    });
  });

  it('can be changed without a restart', async () => {
    const file = tokens(`archive ${SECRET}\n`);
    await using guarded = await connect(alone(cache, join(dir, 'data'), { tokens: file }));
    await callsOf(guarded.client, SECRET).activate('tmt_0001.pmap');
    tokens('archive another-secret-of-the-archive\n');
    await expect(callsOf(guarded.client, SECRET).activate('tmt_0001.pmap')).rejects.toMatchObject({
      code: 16,
    });
  });

  it('is refused as a setting when the file is no list of tokens', () => {
    for (const text of ['archive short\n', 'only-one-word-in-a-line\n'])
      expect(() => alone(cache, join(dir, 'data'), { tokens: tokens(text) })).toThrow(/DRS_TOKENS=.*line 1/);
    expect(() => alone(cache, join(dir, 'data'), { tokens: join(dir, 'none') })).toThrow(
      'cannot be read (ENOENT)',
    );
  });
});

describe('a file with a header that never ends', () => {
  it('is refused after a bounded look', async () => {
    const endless = join(dir, 'data/flat_1.fits');
    writeFileSync(endless, `${'SIMPLE  =                    T'.padEnd(80)}`);
    execFileSync('truncate', ['-s', '1G', endless]);
    await expect(send(start(), reference({ path: 'flat_1.fits' }))).rejects.toMatchObject({
      details: expect.stringContaining('flat_1.fits'),
    });
    expect(below('references')).toEqual([]);
  });
});
