import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { HrTime } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import {
  AggregationTemporality,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

/** One line of a trace file. Times are nanoseconds since the epoch as decimal text: they do not fit a double. */
export interface SpanLine {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startNs: string;
  readonly endNs: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** 0 unset, 1 ok, 2 error */
  readonly status: number;
  readonly statusMessage?: string;
}

const MAX_FILE_BYTES = 64 * 2 ** 20;

/** Appends whole lines in one write, so that replicas can share a file; at 64 MiB the file becomes `<name>.1`. */
const lineWriter = (path: string): ((text: string) => void) => {
  mkdirSync(dirname(path), { recursive: true });
  return (text) => {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MAX_FILE_BYTES) renameSync(path, `${path}.1`);
    appendFileSync(path, text);
  };
};

const nanoseconds = ([seconds, nanos]: HrTime): string =>
  (BigInt(seconds) * 1_000_000_000n + BigInt(nanos)).toString();

const spanLine = (service: string, span: ReadableSpan): SpanLine => {
  const { traceId, spanId } = span.spanContext();
  return {
    service,
    name: span.name,
    kind: span.kind,
    traceId,
    spanId,
    ...(span.parentSpanContext ? { parentSpanId: span.parentSpanContext.spanId } : {}),
    startNs: nanoseconds(span.startTime),
    endNs: nanoseconds(span.endTime),
    attributes: span.attributes,
    links: span.links.map(({ context }) => ({ traceId: context.traceId, spanId: context.spanId })),
    status: span.status.code,
    ...(span.status.message ? { statusMessage: span.status.message } : {}),
  };
};

const attempt = (write: () => void): ExportResult => {
  try {
    write();
    return { code: ExportResultCode.SUCCESS };
  } catch (error) {
    return { code: ExportResultCode.FAILED, error: error as Error };
  }
};

/** Spans as NDJSON, one `SpanLine` a line. */
export const fileSpanExporter = (path: string, service: string): SpanExporter => {
  const write = lineWriter(path);
  return {
    export: (spans, done) =>
      done(
        attempt(() => write(spans.map((span) => `${JSON.stringify(spanLine(service, span))}\n`).join(''))),
      ),
    shutdown: async () => {},
  };
};

const metricLines = (service: string, { scopeMetrics }: ResourceMetrics): string =>
  scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map((point) => ({
        service,
        name: descriptor.name,
        unit: descriptor.unit,
        timeNs: nanoseconds(point.endTime),
        attributes: point.attributes,
        value: point.value,
      })),
    )
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');

/** Metrics as NDJSON, one data point a line, cumulative since the start of the service. */
export const fileMetricExporter = (path: string, service: string): PushMetricExporter => {
  const write = lineWriter(path);
  return {
    export: (metrics, done) => done(attempt(() => write(metricLines(service, metrics)))),
    forceFlush: async () => {},
    shutdown: async () => {},
    selectAggregationTemporality: () => AggregationTemporality.CUMULATIVE,
  };
};
