import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireLease, assertProvisioned, runService } from '@iris-drs/bus';
import { AssemblyService, STREAM } from '@iris-drs/proto';
import { jetstream } from '@nats-io/jetstream';
import { assemblyCommands, type Control } from './commands.ts';
import { statusEvents } from './status-events.ts';
import { serveTerm, type Term } from './term.ts';

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
