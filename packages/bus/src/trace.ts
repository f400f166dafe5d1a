import { AsyncLocalStorage } from 'node:async_hooks';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  type Attributes,
  type Context,
  type ContextManager,
  type Counter,
  context,
  type Gauge,
  type Histogram,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  SimpleSpanProcessor,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { fileMetricExporter, fileSpanExporter } from './file-exporters.ts';
import { ATTR, METRIC } from './semconv.ts';

/** The instruments of a service; attributes are `ATTR.stage`, `ATTR.mode`, `ATTR.detector` … */
export interface Metrics {
  readonly frames: Counter;
  readonly bytes: Counter;
  readonly stepSeconds: Histogram;
  readonly taskSeconds: Histogram;
  readonly queueLag: Histogram;
  readonly queuePending: Gauge;
  readonly failures: Counter;
  readonly keywordsMissing: Counter;
  readonly intakePaused: Gauge;
}

export interface Telemetry {
  readonly tracer: Tracer;
  readonly metrics: Metrics;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

export interface TelemetryOptions {
  readonly service: string;
  /** Traces and metrics go below `<dataDir>/.drs` when there is no collector. */
  readonly dataDir?: string;
  /** OTLP/HTTP base URL of a collector. */
  readonly otlpEndpoint?: string | undefined;
  /** Replaces both, for tests: spans are exported as they end. */
  readonly spanExporter?: SpanExporter;
  readonly metricExporter?: PushMetricExporter;
  readonly metricIntervalMs?: number;
}

/** Context that follows async calls; the SDK's own lives in a package we have no other use for. */
const asyncContext = (): ContextManager => {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, fn, thisArg, ...args) => storage.run(active, () => fn.call(thisArg, ...args)),
    bind: (active, target) =>
      typeof target === 'function'
        ? (((...args: unknown[]) => storage.run(active, () => target(...args))) as typeof target)
        : target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
};

const instruments = (provider: MeterProvider): Metrics => {
  const meter = provider.getMeter('iris-drs');
  const seconds = {
    unit: 's',
    advice: { explicitBucketBoundaries: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60] },
  };
  return {
    frames: meter.createCounter(METRIC.frames, { description: 'frames finished' }),
    bytes: meter.createCounter(METRIC.bytes, { unit: 'By', description: 'bytes of finished frames' }),
    stepSeconds: meter.createHistogram(METRIC.stepSeconds, { ...seconds, description: 'time in one step' }),
    taskSeconds: meter.createHistogram(METRIC.taskSeconds, { ...seconds, description: 'time in one task' }),
    queueLag: meter.createHistogram(METRIC.queueLag, {
      ...seconds,
      description: 'from a task being queued to its start',
    }),
    queuePending: meter.createGauge(METRIC.queuePending, {
      description: 'tasks waiting behind the one just taken',
    }),
    failures: meter.createCounter(METRIC.failures, { description: 'failures published' }),
    keywordsMissing: meter.createCounter(METRIC.keywordsMissing, {
      description: 'keywords without a source',
    }),
    intakePaused: meter.createGauge(METRIC.intakePaused, {
      description: '1 while low disk space pauses intake',
    }),
  };
};

/**
 * Starts tracing and metrics: OTLP when a collector is named, else NDJSON files below `<dataDir>/.drs`. The context
 * manager is the process's; providers are not global, so several services can live in one test process.
 */
export const openTelemetry = (options: TelemetryOptions): Telemetry => {
  context.setGlobalContextManager(asyncContext());
  const { service, dataDir, otlpEndpoint } = options;
  const resource = detectResources({ detectors: [envDetector] }).merge(
    resourceFromAttributes({
      'service.name': service,
      'service.namespace': 'iris-drs',
      'service.instance.id': `${hostname()}-${process.pid}`,
    }),
  );
  const endpoint = otlpEndpoint?.replace(/\/$/, '');
  const spanProcessors = options.spanExporter
    ? [new SimpleSpanProcessor({ exporter: options.spanExporter })]
    : endpoint
      ? [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }) })]
      : dataDir
        ? [
            new BatchSpanProcessor({
              exporter: fileSpanExporter(join(dataDir, '.drs', 'traces', `${service}.ndjson`), service),
              scheduledDelayMillis: 250,
            }),
          ]
        : [];
  const metricExporter =
    options.metricExporter ??
    (endpoint
      ? new OTLPMetricExporter({ url: `${endpoint}/v1/metrics` })
      : dataDir
        ? fileMetricExporter(join(dataDir, '.drs', 'metrics', `${service}.ndjson`), service)
        : undefined);
  const tracers = new TracerProvider({ resource, spanProcessors });
  const meters = new MeterProvider({
    resource,
    readers: metricExporter
      ? [
          new PeriodicExportingMetricReader({
            exporter: metricExporter,
            exportIntervalMillis: options.metricIntervalMs ?? 10_000,
            exportTimeoutMillis: Math.min(5_000, options.metricIntervalMs ?? 5_000),
          }),
        ]
      : [],
  });
  return {
    tracer: tracers.getTracer('iris-drs'),
    metrics: instruments(meters),
    async forceFlush() {
      await Promise.allSettled([tracers.forceFlush(), meters.forceFlush()]);
    },
    async shutdown() {
      await Promise.allSettled([tracers.shutdown(), meters.shutdown()]);
    },
  };
};

/** Runs `fn` in a new span that ends with it and records its error. */
export const inSpan = async <T>(
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  fn: (span: Span) => Promise<T> | T,
  parent: Context = context.active(),
): Promise<T> => {
  const span = tracer.startSpan(name, options, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () => fn(span));
  } catch (error) {
    recordError(span, error);
    throw error;
  } finally {
    span.end();
  }
};

/** Marks a span as failed with the error's code and message. */
export const recordError = (span: Span, error: unknown): void => {
  const { code, message, name } = error as { code?: unknown; message?: string; name?: string };
  span.setStatus({ code: SpanStatusCode.ERROR, message: message ?? String(error) });
  span.setAttribute(ATTR.errorType, typeof code === 'string' ? code : (name ?? 'Error'));
};

/** Attributes that say which work a span or a data point belongs to. */
export const workAttributes = (work: { stage: string; mode: string; detector: string }): Attributes => ({
  [ATTR.stage]: work.stage,
  [ATTR.mode]: work.mode,
  [ATTR.detector]: work.detector,
});
