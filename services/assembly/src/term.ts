import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceContext } from '@iris-drs/bus';
import { STREAM } from '@iris-drs/proto';
import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { moveDeadLetter } from './dead-letters.ts';
import { type Arrived, type Desk, openDesk } from './desk.ts';
import { AssemblyError } from './errors.ts';
import { caughtUp, type Follower, follow, giveBack, replay } from './follow.ts';
import { stateOf, statusEvents } from './status-events.ts';
import { openStore, type RecordStore } from './store.ts';

/** How often deadlines and files that are waited for are looked at, ms. */
const TICK_MS = 250;

/** What commands act on during a term. */
export interface Term {
  readonly store: RecordStore;
  readonly desk: Desk;
}

type TermContext = Pick<ServiceContext, 'nc' | 'log' | 'telemetry' | 'volume'> & {
  readonly settings: Pick<ServiceContext['settings'], 'skyDeadlineSeconds'>;
};

const arrivedOf = (message: JsMsg): Arrived => ({
  body: message.data,
  subject: message.subject,
  headers: message.headers,
  sequence: message.seq,
  arrivedMillis: Math.floor(message.info.timestampNanos / 1e6),
});

/** One term as the active instance: from reading the records to the signal. */
export const serveTerm = async (
  { nc, log, telemetry, volume, settings }: TermContext,
  begin: (term: Term) => void,
  term: AbortController,
): Promise<void> => {
  const { signal } = term;
  const js = jetstream(nc, { timeout: 5_000 });
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const status = statusEvents(js, signal);
  const store = await openStore(nc);
  const skyDeadlineMillis = settings.skyDeadlineSeconds * 1000;
  const desk = openDesk({ js, jsm, store, volume, log, telemetry, status, skyDeadlineMillis, signal });

  const follower = (stream: string, handle: (message: JsMsg) => Promise<void>): Follower => ({
    js,
    jsm,
    stream,
    log,
    signal,
    async handle(message) {
      const attributes = { 'drs.stage': 'assembly', 'messaging.destination.name': stream };
      const lag = Math.max(0, Date.now() - message.time.getTime()) / 1000;
      telemetry.metrics.queueLag.record(lag, attributes);
      telemetry.metrics.queuePending.record(message.info.pending, attributes);
      await handle(message);
    },
  });
  const events = follower(STREAM.observe, (message) => desk.event(arrivedOf(message)));
  const products = follower(STREAM.products, (message) => desk.product(arrivedOf(message)));
  const letters = follower(STREAM.advisories, (message) => moveDeadLetter(message, js, jsm, log));

  const ticks = async (): Promise<void> => {
    while (!signal.aborted) {
      await desk.tick().catch((error: Error) => {
        if (error instanceof AssemblyError) throw error;
        if (!signal.aborted) log.warn({ error: error.message }, 'looking at what waits was interrupted');
      });
      await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const catchUp = async (): Promise<void> => {
    await Promise.all([caughtUp(jsm, STREAM.observe, signal), caughtUp(jsm, STREAM.products, signal)]);
    while (!signal.aborted) {
      try {
        return await desk.caughtUp();
      } catch (error) {
        if (error instanceof AssemblyError) throw error;
        await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  };

  const ticking = ticks();
  // Waited for below; a rejection before that is not unhandled.
  ticking.catch(() => undefined);
  await replay(store.restored.sequence, events);
  if (signal.aborted) return;
  begin({ store, desk });
  for (const stream of [STREAM.observe, STREAM.products]) await giveBack(nc, jsm, stream);
  const parts = [ticking, follow(events), follow(products), follow(letters), catchUp()];
  try {
    await status.state(stateOf(store.settings.held));
    await Promise.all(parts);
  } finally {
    term.abort();
    await Promise.allSettled(parts);
  }
};
