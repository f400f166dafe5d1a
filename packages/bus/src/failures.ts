import { Failure, failureSubject, SCHEMA_VERSION } from '@iris-drs/proto';
import type { JetStreamClient } from '@nats-io/jetstream';
import { traceIdOf } from './exposure-trace.ts';
import type { Fault } from './fault.ts';
import { messageHeaders, type Published, type PublishOptions, publishDurably } from './publish.ts';

/** The failure message of a fault in some work. */
export const failureOf = (
  work: { stage: string; mode: string; detector: string; exposureId: string },
  fault: Fault,
  time = new Date(),
): Failure => ({
  schemaVersion: SCHEMA_VERSION,
  stage: work.stage,
  mode: work.mode,
  detector: work.detector,
  exposureId: work.exposureId,
  input: fault.input,
  code: fault.code,
  message: fault.message,
  retriable: fault.retriable,
  hdu: fault.hdu,
  keyword: fault.keyword,
  traceId: work.exposureId === '' ? '' : traceIdOf(work.exposureId),
  time,
});

/** Same stage, exposure, detector and code: the same failure, however often it comes. */
const failureId = ({ stage, exposureId, detector, code, input }: Failure): string =>
  ['failure', stage, exposureId || input, detector, code].join(':');

/** Publishes a failure; one that was published within the stream's window is not repeated. */
export const publishFailure = (
  js: JetStreamClient,
  failure: Failure,
  options: Omit<PublishOptions, 'msgId' | 'first'> = {},
): Promise<Published> =>
  publishDurably(
    js,
    failureSubject(failure.stage, failure.mode),
    Failure.encode(failure).finish(),
    messageHeaders('Failure'),
    { ...options, msgId: failureId(failure) },
  );
