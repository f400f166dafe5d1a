import { setTimeout as sleep } from 'node:timers/promises';
import { acquireLease, type Lease, type ServiceContext } from '@iris-drs/bus';

const LEASE = 'refdb-writer';
/** Longer than another holder's turn and the end of a lease whose holder is dead. */
const PATIENCE_MS = 15_000;

/** Lets one piece of work change the cache at a time. */
export interface Writer {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is at work or waiting. */
  idle(): Promise<void>;
}

/**
 * One writer among all replicas, by lease, and one piece of work at a time in it, so that writers do not take each
 * other's numbers. What makes a change whole is the compare-and-set of the history, not this: a writer that cannot
 * have the lease in time, or has no bus, writes without.
 */
export const leasedWriter = (
  { nc, log }: Pick<ServiceContext, 'nc' | 'log'>,
  owner: string,
  patienceMs = PATIENCE_MS,
): Writer => {
  let lease: Lease | undefined;
  let since = 0;
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  const hold = async (): Promise<void> => {
    if (lease?.held) return;
    try {
      lease = await acquireLease(nc, { name: LEASE, owner, log, signal: AbortSignal.timeout(patienceMs) });
      since = performance.now();
    } catch (error) {
      lease = undefined;
      log.warn({ error: (error as Error).message }, 'writing without the lease');
    }
  };
  const rest = async (): Promise<void> => {
    if (!lease || (waiting > 0 && performance.now() - since < lease.ttlMs)) return;
    const { ttlMs } = lease;
    await lease.release();
    lease = undefined;
    // Another replica that stands by asks eight times in the life of a lease.
    if (waiting > 0) await sleep(ttlMs / 6);
  };
  return {
    run(work) {
      waiting += 1;
      const done = last.then(async () => {
        await hold();
        waiting -= 1;
        return work();
      });
      last = done.then(rest, rest);
      return done;
    },
    async idle() {
      while (waiting > 0) await last;
      await last;
    },
  };
};
