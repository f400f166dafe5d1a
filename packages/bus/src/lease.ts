import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUCKET } from '@iris-drs/proto';
import { JetStreamApiError, jetstream } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { BusError } from './errors.ts';
import { silentLog } from './log.ts';
import type { Log } from './stage.ts';

export interface LeaseOptions {
  /** What is leased: one holder for each name. */
  readonly name: string;
  /** Who asks; shown to others and written into the bucket. */
  readonly owner: string;
  readonly signal?: AbortSignal;
  readonly log?: Log;
}

export interface Lease {
  /** Resolves when the lease is gone, by release or because another may hold it by now. Stop writing at once then. */
  readonly lost: Promise<'released' | 'lost'>;
  readonly held: boolean;
  /** After this long without a sign of life another may have it, ms. */
  readonly ttlMs: number;
  release(): Promise<void>;
}

const WRONG_LAST_SEQUENCE = 10071;
const taken = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === WRONG_LAST_SEQUENCE;

/** Waits as a standby until the key is free, then takes it: its revision, and when that was asked for. */
const take = async (
  kv: KV,
  value: string,
  options: LeaseOptions,
  pollMs: number,
): Promise<{ revision: number; asked: number }> => {
  const { name, signal, log = silentLog } = options;
  for (let waited = 0; ; waited++) {
    signal?.throwIfAborted();
    const asked = performance.now();
    try {
      return { revision: await kv.create(name, value), asked };
    } catch (error) {
      if (!taken(error)) {
        log.warn(
          { lease: name, error: (error as Error).message },
          'the lease cannot be asked for; trying again',
        );
      } else if (waited === 0) log.info({ lease: name }, 'another instance is active; standing by');
    }
    await sleep(pollMs, undefined, signal ? { signal } : {});
  }
};

/**
 * Becomes the one active instance, waiting for it as long as another is. The lease is a key whose bucket forgets it
 * after its TTL; the holder renews it by compare-and-set at a third of that, and counts it as lost when it could not
 * for 0.8 of it, before another can have it.
 * @throws BusError NOT_PROVISIONED without the bucket; the signal's reason when aborted
 */
export const acquireLease = async (nc: NatsConnection, options: LeaseOptions): Promise<Lease> => {
  const { name, owner, log = silentLog } = options;
  let kv: KV;
  let ttlMs: number;
  try {
    kv = await new Kvm(jetstream(nc, { timeout: 2_000 })).open(BUCKET.leases);
    ttlMs = (await kv.status()).ttl;
  } catch (error) {
    throw new BusError(
      'NOT_PROVISIONED',
      BUCKET.leases,
      `bucket ${BUCKET.leases} cannot be used: ${(error as Error).message}; run \`drs provision\` first.`,
      error,
    );
  }
  // Unique, so that a lost answer can be told from another instance of the same name.
  const value = `${owner}#${randomUUID()}`;
  let { revision, asked: renewed } = await take(kv, value, options, ttlMs / 8);
  let state: 'held' | 'released' | 'lost' = 'held';
  const { promise: lost, resolve } = Promise.withResolvers<'released' | 'lost'>();
  const end = (how: 'released' | 'lost') => {
    if (state !== 'held') return;
    state = how;
    clearInterval(renewing);
    clearInterval(watching);
    resolve(how);
  };
  let busy = false;
  const renew = async () => {
    if (busy || state !== 'held') return;
    busy = true;
    const asked = performance.now();
    try {
      revision = await kv.update(name, value, revision);
      renewed = asked;
    } catch (error) {
      if (taken(error)) await reclaim();
      else
        log.warn(
          { lease: name, error: (error as Error).message },
          'the lease could not be renewed; trying again',
        );
    } finally {
      busy = false;
    }
  };
  // A renewal whose answer was lost leaves our own value at a newer revision: still ours.
  const reclaim = async () => {
    const entry = await kv.get(name).catch(() => null);
    if (entry?.operation === 'PUT' && entry.string() === value) revision = entry.revision;
    else {
      log.error({ lease: name, holder: entry?.string() ?? 'nobody' }, 'the lease was lost');
      end('lost');
    }
  };
  const watching = setInterval(() => {
    if (performance.now() - renewed > ttlMs * 0.8) {
      log.error({ lease: name }, 'the lease was not renewed in time; counting it as lost');
      end('lost');
    }
  }, ttlMs / 20);
  const renewing = setInterval(() => void renew(), ttlMs / 3);

  return {
    lost,
    ttlMs,
    get held() {
      return state === 'held';
    },
    async release() {
      if (state !== 'held') return;
      end('released');
      await kv.delete(name, { previousSeq: revision }).catch(() => {});
    },
  };
};
