import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STREAM } from '@iris-drs/proto';
import { headers } from '@nats-io/nats-core';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  consumeTasks,
  exposureContext,
  exposureSpanContext,
  extractTrace,
  injectTrace,
  inSpan,
  messageContext,
  openTelemetry,
  reduceTask,
  type SpanLine,
  traceIdOf,
} from '../src/index.ts';
import {
  type Bench,
  calibStage,
  calibTask,
  leaveFile,
  messagesIn,
  openBench,
  queueTask,
  until,
} from './fixtures/bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const EXPOSURE = '2031A-001-123-IRIS-IMG-SCI0-0001';

test('the trace id of an exposure is the first 16 bytes of its sha256, the root span the next 8', () => {
  const digest = createHash('sha256').update(EXPOSURE).digest('hex');
  expect(traceIdOf(EXPOSURE)).toBe(digest.slice(0, 32));
  expect(exposureSpanContext(EXPOSURE)).toMatchObject({
    traceId: digest.slice(0, 32),
    spanId: digest.slice(32, 48),
  });
});

test('headers carry the sending span in lower case and give it back', async () => {
  const hdrs = headers();
  await inSpan(
    bench.telemetry.tracer,
    'sender',
    {},
    (span) => {
      injectTrace(hdrs);
      const { traceId, spanId } = span.spanContext();
      expect(hdrs.get('traceparent')).toBe(`00-${traceId}-${spanId}-01`);
      expect(trace.getSpanContext(extractTrace(hdrs))).toMatchObject({ traceId, spanId, isRemote: true });
      expect(trace.getSpanContext(messageContext(hdrs, EXPOSURE))?.spanId).toBe(spanId);
    },
    exposureContext(EXPOSURE),
  );
  // A sender outside the exposure's trace does not pull the work out of it.
  expect(trace.getSpanContext(messageContext(hdrs, 'another'))).toMatchObject(exposureSpanContext('another'));
  expect(trace.getSpanContext(messageContext(undefined, EXPOSURE))).toMatchObject(
    exposureSpanContext(EXPOSURE),
  );
});

test('publish, process, steps and the product are one trace; sky frames are links; log lines carry the ids', async () => {
  const { nc, js, jsm, volume, telemetry, log, spans, lines } = bench;
  const references = { context: async () => '', best: async () => [], fetch: async (file: string) => file };
  const definition = calibStage(async (task, { step, volume: disk, log: taskLog }) => {
    await step('dark', () => taskLog.info('subtracting'));
    return { frame: { ...leaveFile(disk, task), shape: [], dtype: '', datasum: '' } };
  });
  const worker = await consumeTasks({
    nc,
    stage: 'calib',
    level: 'l2a',
    modes: ['imager'],
    concurrency: 1,
    telemetry,
    log,
    handle: (task, signal) =>
      reduceTask(definition, task, { volume, references, log, telemetry, connection: nc }, { signal }),
  });
  spans.reset();
  const sky = { exptype: 'background', exposureId: 'SKY-1', extver: 0 };
  await inSpan(
    telemetry.tracer,
    'send',
    { kind: SpanKind.PRODUCER },
    async () => {
      // As the assembly sends: inside its own span in the exposure's trace.
      await queueTask(js, calibTask(EXPOSURE, { inputs: [sky] }));
    },
    exposureContext(EXPOSURE),
  );
  await until('settled', async () => (await messagesIn(jsm, STREAM.tasks)) === 0);
  await until('the spans ended', () =>
    spans.getFinishedSpans().some(({ name }) => name.startsWith('process ')),
  );
  const found = spans.getFinishedSpans();
  const named = (name: string) => found.find((span) => span.name === name);
  expect(new Set(found.map((span) => span.spanContext().traceId))).toEqual(new Set([traceIdOf(EXPOSURE)]));
  const process = named('process drs.task.calib.{mode}');
  expect(process?.kind).toBe(SpanKind.CONSUMER);
  expect(process?.links.map((link) => link.context.traceId)).toEqual([traceIdOf('SKY-1')]);
  expect(process?.attributes['drs.task.outcome']).toBe('done');
  for (const name of ['dark', 'publish drs.product.l2a.{mode}']) {
    expect(named(name)?.parentSpanContext?.spanId, name).toBe(process?.spanContext().spanId);
  }
  const product = await jsm.streams.getMessage(STREAM.products, { seq: 1 });
  expect(product?.header.get('traceparent')).toBe(
    `00-${traceIdOf(EXPOSURE)}-${named('publish drs.product.l2a.{mode}')?.spanContext().spanId}-01`,
  );
  expect(lines.find(({ msg }) => msg === 'subtracting')).toMatchObject({
    service: 'test',
    trace_id: traceIdOf(EXPOSURE),
    span_id: named('dark')?.spanContext().spanId,
  });
  await worker.drain(1000);
});

test('without a collector, spans and metrics become lines of files below the volume', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'drs-trace-'));
  const telemetry = openTelemetry({ service: 'readout', dataDir });
  await expect(
    inSpan(
      telemetry.tracer,
      'ramp',
      { links: [{ context: exposureSpanContext('SKY') }] },
      () => {
        telemetry.metrics.frames.add(2, { 'drs.stage': 'readout' });
        throw Object.assign(new Error('cut short'), { code: 'RAMP_TOO_SHORT' });
      },
      exposureContext(EXPOSURE),
    ),
  ).rejects.toThrow('cut short');
  await telemetry.shutdown();
  const read = (kind: string) =>
    readFileSync(join(dataDir, '.drs', kind, 'readout.ndjson'), 'utf8')
      .trim()
      .split('\n');
  const [line] = read('traces').map((text) => JSON.parse(text) as SpanLine);
  expect(line).toMatchObject({
    service: 'readout',
    name: 'ramp',
    traceId: traceIdOf(EXPOSURE),
    parentSpanId: exposureSpanContext(EXPOSURE).spanId,
    links: [{ traceId: traceIdOf('SKY') }],
    status: 2,
    statusMessage: 'cut short',
    attributes: { 'error.type': 'RAMP_TOO_SHORT' },
  });
  expect(BigInt(line?.endNs ?? 0) >= BigInt(line?.startNs ?? 1)).toBe(true);
  expect(Number(BigInt(line?.startNs ?? 0) / 1_000_000n) / Date.now()).toBeCloseTo(1, 3);
  const frames = read('metrics').map((text) => JSON.parse(text) as { name: string; value: unknown });
  expect(frames.find(({ name }) => name === 'drs.frames')).toMatchObject({
    value: 2,
    attributes: { 'drs.stage': 'readout' },
  });
  rmSync(dataDir, { recursive: true, force: true });
});

test('the active span follows async calls that overlap', async () => {
  const { tracer } = bench.telemetry;
  const seen = await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      inSpan(tracer, name, {}, async (span) => {
        for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
        return trace.getSpan(context.active()) === span;
      }),
    ),
  );
  expect(seen).toEqual([true, true, true]);
});
