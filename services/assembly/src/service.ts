import { hostname } from 'node:os';
import {
  ASSEMBLY_DURABLE,
  acquireLease,
  assertProvisioned,
  provision,
  runService,
  type ServiceContext,
} from '@iris-drs/bus';
import { AssemblyService, Product, STREAM } from '@iris-drs/proto';
import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { assemblyCommands, type Control } from './commands.ts';
import { moveDeadLetter } from './dead-letters.ts';
import { openDesk } from './desk.ts';
import { caughtUp, follow } from './follow.ts';
import { publishStatus } from './status-events.ts';
import { openStore, type RecordStore } from './store.ts';

/** How often deadlines are looked at, ms. */
const TICK_MS = 250;

const arrival = (message: JsMsg): number => Math.floor(message.info.timestampNanos / 1e6);

/** After the loss of the records the streams are read from their start: the consumers are made anew. */
const rewind = async ({ nc, log }: ServiceContext): Promise<void> => {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  log.warn('no exposure records: reading the events and products from their start');
  for (const stream of [STREAM.observe, STREAM.products])
    await jsm.consumers.delete(stream, ASSEMBLY_DURABLE).catch(() => false);
  await provision(nc);
};

/** One term as the active instance: ends when the signal does. */
const serveTerm = async (context: ServiceContext, store: RecordStore, signal: AbortSignal): Promise<void> => {
  const { nc, log, telemetry, volume, settings } = context;
  const js = jetstream(nc, { timeout: 5_000 });
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const rules = () => ({
    skyDeadlineMillis: settings.skyDeadlineSeconds * 1000,
    held: new Set(store.settings.held),
  });
  const desk = openDesk({ js, jsm, store, volume, log, telemetry, rules });
  const common = { js, log, signal };

  const events = follow({
    ...common,
    stream: STREAM.observe,
    handle: (message) =>
      desk.event({
        body: message.data,
        subject: message.subject,
        arrivedMillis: arrival(message),
        attempt: message.info.deliveryCount,
      }),
  });
  const letters = follow({
    ...common,
    stream: STREAM.advisories,
    handle: (message) => moveDeadLetter(message, js, jsm, log),
  });
  // A product is of use only once its exposure is known.
  await caughtUp(jsm, STREAM.observe, signal);
  await store.markFilled();
  const products = follow({
    ...common,
    stream: STREAM.products,
    handle: (message) => desk.product(Product.decode(message.data), arrival(message)),
  });
  const ticking = setInterval(() => {
    desk
      .tick()
      .catch((error: Error) => log.warn({ error: error.message }, 'looking at deadlines was interrupted'));
  }, TICK_MS);
  await publishStatus(js, 'state', { cmd: 'CONTINUOUS' });
  await Promise.all([events, products, letters]);
  clearInterval(ticking);
};

const IDLE = { held: new Set<string>() };

/** The assembly: the DRS's front door towards TMT. One instance is active by lease; others stand by. */
export const runAssembly = (): Promise<void> =>
  runService({
    name: 'assembly',
    async start(context) {
      const { nc, log, grpc, fail } = context;
      await assertProvisioned(nc, [STREAM.observe, STREAM.tasks, STREAM.products, STREAM.failures]);
      const js = jetstream(nc, { timeout: 5_000 });
      const stopping = new AbortController();
      let store: RecordStore | undefined;
      const control: Control = {
        get active() {
          return store !== undefined;
        },
        get held() {
          return new Set(store?.settings.held ?? IDLE.held);
        },
        async setHeld(held) {
          await store?.saveSettings({ ...store.settings, held: [...held] });
        },
        async setKeywords(keywords) {
          await store?.saveSettings({
            ...store.settings,
            keywords: { ...store.settings.keywords, ...keywords },
          });
        },
        record: (exposureId) => store?.get(exposureId),
      };
      grpc.add(AssemblyService, assemblyCommands(js, control));

      const terms = async (): Promise<void> => {
        while (!stopping.signal.aborted) {
          const owner = `${hostname()}:${process.pid}`;
          const lease = await acquireLease(nc, { name: 'assembly', owner, signal: stopping.signal, log });
          const term = new AbortController();
          const end = (): void => term.abort();
          void lease.lost.then(end);
          stopping.signal.addEventListener('abort', end, { once: true });
          try {
            let opened = await openStore(nc);
            if (!opened.filled) {
              await rewind(context);
              opened = await openStore(nc);
            }
            store = opened;
            log.info({ owner }, 'active');
            await serveTerm(context, opened, term.signal);
          } finally {
            store = undefined;
            stopping.signal.removeEventListener('abort', end);
            term.abort();
            await lease.release();
          }
        }
      };
      const served = terms().catch((error: Error) => {
        if (!stopping.signal.aborted) fail(`the assembly cannot go on: ${error.message}`);
      });
      return {
        async stop() {
          stopping.abort();
          await served;
        },
      };
    },
  });
