import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, loadPackageDefinition, type ServiceError, status as Status } from '@grpc/grpc-js';
import { type FrameChunk, type ReduceUpdate, ReductionClient, ReductionService } from '@iris-drs/proto';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { service as healthService } from 'grpc-health-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  exposureContext,
  type GrpcServer,
  grpcClient,
  inSpan,
  openTelemetry,
  openVolume,
  reductionService,
  silentLog,
  startGrpc,
  traceIdOf,
} from '../src/index.ts';
import { calibStage, calibTask, leaveFile } from './fixtures/bench.ts';

const spans = new InMemorySpanExporter();
const telemetry = openTelemetry({ service: 'test', spanExporter: spans });
const { tracer } = telemetry;
let root: string;
let server: GrpcServer;
let client: ReductionClient;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'drs-grpc-'));
  const volume = openVolume(root);
  const stage = calibStage(async (task, { step, volume: disk }) => {
    await step('dark', () => sleep(5));
    await step('flat', ({ skipped }) => skipped('N/A'));
    if (task.exposureId === 'BAD')
      throw Object.assign(new Error('no SCI'), { code: 'HDU_MISSING', file: 'a.fits' });
    return { frame: { ...leaveFile(disk, task), shape: [2, 3], dtype: 'float32', datasum: '' } };
  });
  const references = { context: async () => '', best: async () => [], fetch: async (file: string) => file };
  server = await startGrpc({ address: '127.0.0.1:0', tracer });
  server.add(
    ReductionService,
    reductionService(stage, { volume, references, log: silentLog, telemetry, connection: undefined }),
  );
  client = grpcClient(ReductionClient, server.address, { tracer });
});
afterAll(async () => {
  client.close();
  await server.stop(1000);
  await telemetry.shutdown();
  rmSync(root, { recursive: true, force: true });
});

const health = (address: string, service: string): Promise<string> => {
  const { Health } = loadPackageDefinition({ Health: healthService });
  type Check = (
    request: object,
    answer: (error: ServiceError | null, response: { status: string }) => void,
  ) => void;
  const probe = new (Health as unknown as new (...args: unknown[]) => { Check: Check; close(): void })(
    address,
    credentials.createInsecure(),
  );
  return new Promise((resolve, reject) => {
    probe.Check({ service }, (error, response) => {
      probe.close();
      if (error) reject(error);
      else resolve(response.status);
    });
  });
};

test('health is NOT_SERVING until the service says so, liveness always', async () => {
  expect(await health(server.address, '')).toBe('NOT_SERVING');
  expect(await health(server.address, 'liveness')).toBe('SERVING');
  server.setServing(true);
  expect(await health(server.address, '')).toBe('SERVING');
  expect(await health(server.address, 'readiness')).toBe('SERVING');
  server.setServing(false);
  expect(await health(server.address, '')).toBe('NOT_SERVING');
});

test.each(['0.0.0.0:0', '[::]:0', '192.168.1.1:0', 'drs.example.org:50051'])(
  'refuses to listen on %s without credentials',
  async (address) => {
    await expect(startGrpc({ address, tracer })).rejects.toMatchObject({
      code: 'GRPC_INSECURE',
      input: address,
    });
  },
);

test('beyond loopback it speaks TLS, checks clients, and answers probes on a plain port', async () => {
  if (spawnSync('openssl', ['version']).status !== 0) {
    expect(process.env.DRS_REQUIRE_ORACLES, 'openssl, which makes the certificate, is not here').not.toBe(
      '1',
    );
    return;
  }
  const dir = mkdtempSync(join(tmpdir(), 'drs-tls-'));
  const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=127.0.0.1',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      key,
      '-out',
      cert,
    ],
    { stdio: 'ignore' },
  );
  const tls = { cert, key, ca: cert };
  const volume = openVolume(root);
  const secure = await startGrpc({ address: '0.0.0.0:0', tls, tracer, healthAddress: '127.0.0.1:0' });
  secure.add(
    ReductionService,
    reductionService(
      calibStage(() => Promise.reject(new Error('unused'))),
      {
        volume,
        references: { context: async () => '', best: async () => [], fetch: async (file) => file },
        log: silentLog,
        telemetry,
        connection: undefined,
      },
    ),
  );
  const address = `127.0.0.1:${secure.address.split(':').at(-1)}`;
  const stageOf = (files: Partial<typeof tls>): Promise<string> => {
    const caller = grpcClient(ReductionClient, address, {
      tls: { cert: undefined, key: undefined, ca: undefined, ...files },
    });
    return new Promise<string>((resolve, reject) => {
      caller.listSteps({}, (error, response) => (error ? reject(error) : resolve(response.stage)));
    }).finally(() => caller.close());
  };
  expect(await stageOf(tls)).toBe('calib');
  await expect(stageOf({ ca: cert })).rejects.toMatchObject({ code: Status.UNAVAILABLE });
  await expect(stageOf({})).rejects.toMatchObject({ code: Status.UNAVAILABLE });
  expect(await health(secure.healthAddress ?? '', 'liveness')).toBe('SERVING');
  await secure.stop(100);
  rmSync(dir, { recursive: true });
});

test('a port that is taken is a clear error', async () => {
  await expect(startGrpc({ address: server.address, tracer })).rejects.toMatchObject({ code: 'GRPC_BIND' });
});

test('lists the steps with their options', async () => {
  const listed = await new Promise((resolve, reject) => {
    client.listSteps({}, (error, response) => (error ? reject(error) : resolve(response)));
  });
  expect(listed).toEqual({
    stage: 'calib',
    steps: [{ name: 'dark', doc: 'subtracts the dark', referenceTypes: ['dark'], options: [] }],
  });
});

const collect = async (call: AsyncIterable<ReduceUpdate>): Promise<NonNullable<ReduceUpdate['update']>[]> => {
  const updates: NonNullable<ReduceUpdate['update']>[] = [];
  for await (const { update } of call) if (update) updates.push(update);
  return updates;
};

test('reduces now, streaming progress and the product, in the trace of the exposure', async () => {
  spans.reset();
  const updates = await inSpan(
    tracer,
    'caller',
    {},
    () => collect(client.reduce({ task: calibTask('R1') })),
    exposureContext('R1'),
  );
  expect(
    updates.map(({ $case, value }) => ($case === 'progress' ? `${value.step} ${value.state}` : $case)),
  ).toEqual(['dark RUNNING', 'dark COMPLETE', 'flat RUNNING', 'flat SKIPPED', 'product']);
  const last = updates.at(-1);
  expect(last?.$case === 'product' && last.value).toMatchObject({
    level: 'l2a',
    exposureId: 'R1',
    traceId: traceIdOf('R1'),
  });
  await sleep(20);
  const names = spans.getFinishedSpans().map(({ name }) => name);
  expect(names.filter((name) => name === 'iris.drs.v1.Reduction/Reduce')).toHaveLength(2); // client and server
  expect(new Set(spans.getFinishedSpans().map((span) => span.spanContext().traceId))).toEqual(
    new Set([traceIdOf('R1')]),
  );
});

test('a reduction that fails streams its failure; what must not be run is one too', async () => {
  const failed = (await collect(client.reduce({ task: calibTask('BAD') }))).at(-1);
  expect(failed?.$case === 'failure' && failed.value).toMatchObject({
    code: 'HDU_MISSING',
    input: 'a.fits',
    stage: 'calib',
  });
  const hooked = await collect(
    client.reduce({ task: calibTask('R2', { options: { 'dark.post_hooks': 'x' } }) }),
  );
  expect(hooked).toMatchObject([{ $case: 'failure', value: { code: 'TASK_INVALID' } }]);
  await expect(collect(client.reduce({ task: calibTask('R3', { stage: 'imager' }) }))).rejects.toMatchObject({
    code: Status.INVALID_ARGUMENT,
  });
});

test('GetFrame gives the bytes of a file and refuses what is outside', async () => {
  const bytes = Buffer.alloc(2.5 * 2 ** 20, 'frame');
  writeFileSync(join(root, 'f.fits'), bytes);
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const { data, totalSize, offset } of client.getFrame({
    path: 'f.fits',
  }) as AsyncIterable<FrameChunk>) {
    expect(offset).toBe(parts.reduce((sum, part) => sum + part.length, 0));
    parts.push(data);
    total = totalSize;
  }
  expect(total).toBe(bytes.length);
  expect(Buffer.concat(parts).equals(bytes)).toBe(true);
  const refused = async (path: string) => {
    for await (const _chunk of client.getFrame({ path })) throw new Error('got bytes');
  };
  await expect(refused('../../etc/passwd')).rejects.toMatchObject({ code: Status.PERMISSION_DENIED });
  await expect(refused('none.fits')).rejects.toMatchObject({ code: Status.NOT_FOUND });
  const error = (await refused('/etc/passwd').catch((reason: unknown) => reason)) as ServiceError;
  expect(error.metadata.get('drs-code')).toEqual(['VOLUME_OUTSIDE']);
});

test('GetFrame reads on only as fast as its client takes the bytes', async () => {
  // 256 MiB of holes: the server would hold all of it if it did not wait.
  writeFileSync(join(root, 'big.fits'), '');
  truncateSync(join(root, 'big.fits'), 256 * 2 ** 20);
  const bytesRead = () => Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? 0);
  const call = client.getFrame({ path: 'big.fits' });
  const before = bytesRead();
  const iterator = (call as AsyncIterable<FrameChunk>)[Symbol.asyncIterator]();
  await iterator.next();
  await sleep(400);
  const heldBack = bytesRead() - before;
  call.on('error', () => {});
  call.cancel();
  // Server and client share this process: what both read by then is far from the file.
  expect(heldBack).toBeLessThan(64 * 2 ** 20);
});

test('reflection names our services', async () => {
  const { Client } = await import('@grpc/grpc-js');
  const raw = new Client(server.address, credentials.createInsecure());
  // ServerReflectionRequest{list_services: ""} is field 7; names come back as strings.
  const names = await new Promise<string>((resolve, reject) => {
    const call = raw.makeBidiStreamRequest(
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
    );
    call.on('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
    call.on('error', reject);
    call.write(Buffer.from([0x3a, 0x00]));
    call.end();
  });
  expect(names).toContain('iris.drs.v1.Reduction');
  expect(names).toContain('grpc.health.v1.Health');
  raw.close();
});
