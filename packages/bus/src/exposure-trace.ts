import { createHash } from 'node:crypto';
import {
  type Context,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api';

const digestOf = (exposureId: string): string => createHash('sha256').update(exposureId).digest('hex');

/** Trace id of an exposure: the first 16 bytes of sha256(exposureId), so that every process knows it unasked. */
export const traceIdOf = (exposureId: string): string => digestOf(exposureId).slice(0, 32);

/** The root that all spans of an exposure descend from: the next 8 bytes. No process records it. */
export const exposureSpanContext = (exposureId: string): SpanContext => {
  const digest = digestOf(exposureId);
  return {
    traceId: digest.slice(0, 32),
    spanId: digest.slice(32, 48),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  };
};

/** Context whose spans belong to the exposure. */
export const exposureContext = (exposureId: string): Context =>
  trace.setSpanContext(ROOT_CONTEXT, exposureSpanContext(exposureId));

/** Links from one exposure's work to the others that went in: sky frames, coadded frames. */
export const exposureLinks = (exposureId: string, others: readonly string[]): Link[] =>
  [...new Set(others)]
    .filter((other) => other !== '' && other !== exposureId)
    .map((other) => ({ context: exposureSpanContext(other) }));
