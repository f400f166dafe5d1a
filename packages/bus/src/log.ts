import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import type { Log } from './stage.ts';

/** JSON lines on stdout; lines written inside a span carry its ids. */
export const createLog = (
  service: string,
  options: { level?: string; destination?: { write(line: string): void } } = {},
): Log =>
  pino(
    {
      level: options.level ?? 'info',
      base: { service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => {
        const span = trace.getActiveSpan()?.spanContext();
        return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
      },
    },
    options.destination ?? pino.destination({ fd: 1, sync: true }),
  );

/** Says nothing: for callers that keep no log. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
