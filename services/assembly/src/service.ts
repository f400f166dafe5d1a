import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireLease, assertProvisioned, runService, type ServiceContext } from '@iris-drs/bus';
import { AssemblyService, STREAM } from '@iris-drs/proto';
import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { assemblyCommands, type Control } from './commands.ts';
import { moveDeadLetter } from './dead-letters.ts';
import { type Arrived, type Desk, openDesk } from './desk.ts';
import { AssemblyError } from './errors.ts';
import { caughtUp, type Follower, follow, replay } from './follow.ts';
import { stateOf, statusEvents } from './status-events.ts';
import { openStore, type RecordStore } from './store.ts';

/** How often deadlines and files that are waited for are looked at, ms. */
const TICK_MS = 250;

/** What commands act on during a term. */
interface Term {
  readonly store: RecordStore;
  readonly desk: Desk;
}

const arrivedOf = (message: JsMsg): Arrived => ({
  body: message.data,
  subject: message.subject,
  headers: message.headers,
  sequence: message.seq,
  arrivedMillis: Math.floor(message.info.timestampNanos / 1e6),
});

/** One term as the active instance: from reading the records to the signal. */
const serveTerm = async (
  context: ServiceContext,
  begin: (term: Term) => void,
  term: AbortController,
): Promise<void> => {
  const { nc, log, telemetry, volume, settings } = context;
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
    desk.caughtUp();
  };

  const ticking = ticks();
  // Waited for below; a rejection before that is not unhandled.
  ticking.catch(() => undefined);
  await replay(store.restored.sequence, events);
  if (signal.aborted) return;
  begin({ store, desk });
  const parts = [ticking, follow(events), follow(products), follow(letters), catchUp()];
  try {
    await status.state(stateOf(store.settings.held));
    await Promise.all(parts);
  } finally {
    term.abort();
    await Promise.allSettled(parts);
  }
};

/** The assembly: the DRS's front door towards TMT. One instance is active by lease; others stand by. */
export const runAssembly = (): Promise<void> =>
  runService({
    name: 'assembly',
    async start(context) {
      const { nc, log, grpc } = context;
      await assertProvisioned(nc, [STREAM.observe, STREAM.tasks, STREAM.products, STREAM.failures]);
      const stopping = new AbortController();
      let term: Term | undefined;
      const control: Control = {
        get settings() {
          return term?.store.settings;
        },
        async change(apply) {
          if (!term) throw new Error('this instance is not active any more; send the command again');
          await term.desk.change(apply);
        },
        record: async (exposureId) => term?.store.get(exposureId),
      };
      const js = jetstream(nc, { timeout: 5_000 });
      grpc.add(AssemblyService, assemblyCommands(statusEvents(js, stopping.signal), control));

      const serve = async (): Promise<void> => {
        const owner = `${hostname()}:${process.pid}`;
        const lease = await acquireLease(nc, { name: 'assembly', owner, signal: stopping.signal, log });
        const ending = new AbortController();
        const end = (): void => ending.abort();
        void lease.lost.then(end);
        stopping.signal.addEventListener('abort', end, { once: true });
        try {
          log.info({ owner }, 'active');
          await serveTerm(context, (begun) => (term = begun), ending);
        } finally {
          term = undefined;
          stopping.signal.removeEventListener('abort', end);
          ending.abort();
          await lease.release();
        }
      };
      const terms = async (): Promise<void> => {
        while (!stopping.signal.aborted) {
          await serve().catch((error: Error) => {
            if (!stopping.signal.aborted)
              log.error({ error: error.message }, 'the term as active instance was cut short');
          });
          await sleep(1_000, undefined, { signal: stopping.signal }).catch(() => undefined);
        }
      };
      const served = terms();
      return {
        async stop() {
          stopping.abort();
          await served;
        },
      };
    },
  });
