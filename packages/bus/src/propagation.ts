import type { MsgHdrs } from '@nats-io/nats-core';
import {
  type Context,
  context,
  ROOT_CONTEXT,
  type TextMapGetter,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { exposureContext, traceIdOf } from './exposure-trace.ts';

const propagator = new W3CTraceContextPropagator();

// NATS looks headers up by exact case: `traceparent` is written and read in lower case.
const setter: TextMapSetter<MsgHdrs> = {
  set: (carrier, key, value) => carrier.set(key.toLowerCase(), value),
};
const getter: TextMapGetter<MsgHdrs> = {
  keys: (carrier) => carrier.keys(),
  get: (carrier, key) => carrier.get(key.toLowerCase()) || undefined,
};

/** Writes the active (or given) span into message headers. */
export const injectTrace = (headers: MsgHdrs, from: Context = context.active()): void =>
  propagator.inject(from, headers, setter);

/** The context that a message was sent in; the root context when it names none. */
export const extractTrace = (headers: MsgHdrs | undefined): Context =>
  headers ? propagator.extract(ROOT_CONTEXT, headers, getter) : ROOT_CONTEXT;

/** Where a message about an exposure belongs: below its sender when that is in the exposure's trace, else below its root. */
export const messageContext = (headers: MsgHdrs | undefined, exposureId: string): Context => {
  const sent = extractTrace(headers);
  if (exposureId === '') return sent;
  return trace.getSpanContext(sent)?.traceId === traceIdOf(exposureId) ? sent : exposureContext(exposureId);
};
