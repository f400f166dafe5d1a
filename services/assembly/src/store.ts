import { BUCKET } from '@iris-drs/proto';
import { jetstream } from '@nats-io/jetstream';
import { type KV, type KvEntry, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { isWaiting } from './decide.ts';
import { AssemblyError } from './errors.ts';
import type { Memory } from './intake.ts';
import type { ExposureRecord } from './record.ts';
import { NO_SETTINGS, type Settings } from './settings.ts';

/**
 * Entry of the bucket `exposures` beside the records. It goes with them: without it the bucket is new, and every event
 * since the start of the stream is followed again.
 */
const OWN = '_assembly';

/** Entry of the bucket `telemetry`. */
const LATEST = 'latest';

interface Own {
  /** Every event up to here, of the stream OBSERVE, has its effects in the records. */
  readonly sequence: number;
  readonly settings: Settings;
}

/** What was remembered once every event up to `sequence` had been heard. */
interface Latest extends Memory {
  readonly sequence: number;
}

/** Records that nothing happened to for so long leave the memory; they stay in the bucket. */
const REMEMBERED_MILLIS = 48 * 3600 * 1000;

/** Written again after so long without a change, because buckets forget what is old. */
const REFRESH_MILLIS = 24 * 3600 * 1000;

/** The exposures' records: in memory, and in the bucket by compare-and-set. One writer: the active assembly. */
export interface RecordStore {
  get(exposureId: string): Promise<ExposureRecord | undefined>;
  /** The record as it is in memory, where `get` puts it. */
  known(exposureId: string): ExposureRecord | undefined;
  /** Records in memory. */
  recent(): Iterable<ExposureRecord>;
  /** Every record of an observation in memory; of a standalone exposure none. */
  observation(observationId: string): ExposureRecord[];
  /** Records about which something is due without a new event. */
  waiting(): ExposureRecord[];
  /** Keeps a record in memory alone, until it is saved for another reason. */
  note(record: ExposureRecord): void;
  /** @throws AssemblyError STORE_TAKEN when another instance writes, or the bucket was replaced */
  save(record: ExposureRecord): Promise<void>;
  readonly settings: Settings;
  saveSettings(settings: Settings): Promise<void>;
  /** What was remembered, and up to which event, when this store was opened. */
  readonly restored: Latest;
  /** Keeps how far the events have been followed, and drops old records from memory. */
  checkpoint(sequence: number, memory: Memory): Promise<void>;
}

/** Writes to one bucket whose only writer we are, telling a lost answer from a rival. */
const openEntries = (kv: KV) => {
  const revisions = new Map<string, number>();
  /** Values of writes that got no answer: they may be there or not. */
  const unanswered = new Map<string, string[]>();

  /** After a failed write: what does the bucket hold? Returns true when the value is there after all. */
  const reconcile = async (key: string, value: string): Promise<boolean> => {
    const entry = await kv.get(key);
    const found = entry?.operation === 'PUT' ? entry.string() : undefined;
    if (entry && found !== undefined && (unanswered.get(key) ?? []).includes(found)) {
      revisions.set(key, entry.revision);
      return found === value;
    }
    if ((entry?.revision ?? 0) === (revisions.get(key) ?? 0)) return false;
    throw new AssemblyError(
      'STORE_TAKEN',
      key,
      `entry ${key} of bucket ${BUCKET.exposures} was written by another instance, or the bucket was replaced; reading it again.`,
    );
  };

  return {
    saw: ({ key, revision }: KvEntry) => void revisions.set(key, revision),
    forget: (key: string) => void revisions.delete(key),
    async put(key: string, value: string): Promise<void> {
      try {
        revisions.set(key, await kv.put(key, value, { previousSeq: revisions.get(key) ?? 0 }));
      } catch (error) {
        unanswered.set(key, [...(unanswered.get(key) ?? []), value]);
        if (!(await reconcile(key, value))) throw error;
      }
      unanswered.delete(key);
    },
  };
};

const readAll = async (kv: KV, saw: (entry: KvEntry) => void): Promise<KvEntry[]> => {
  if ((await kv.status()).values === 0) return [];
  const found: KvEntry[] = [];
  const entries = await kv.watch({ key: '>' });
  for await (const entry of entries) {
    saw(entry);
    if (entry.operation === 'PUT') found.push(entry);
    if (entry.delta === 0) break;
  }
  return found;
};

/** Reads every record. @throws when a bucket is missing: provision first */
export const openStore = async (nc: NatsConnection): Promise<RecordStore> => {
  const kvm = new Kvm(jetstream(nc, { timeout: 3_000 }));
  const [kv, latest] = await Promise.all([kvm.open(BUCKET.exposures), kvm.open(BUCKET.telemetry)]);
  const bucket = openEntries(kv);
  const records = new Map<string, { readonly record: ExposureRecord; readonly touched: number }>();
  const waiting = new Set<string>();
  const byObservation = new Map<string, Set<string>>();

  const keep = (record: ExposureRecord, touched = Date.now()): void => {
    const { exposureId, observationId } = record;
    records.set(exposureId, { record, touched });
    if (isWaiting(record)) waiting.add(exposureId);
    else waiting.delete(exposureId);
    if (observationId === '') return;
    byObservation.set(observationId, (byObservation.get(observationId) ?? new Set()).add(exposureId));
  };
  const drop = ({ exposureId, observationId }: ExposureRecord): void => {
    records.delete(exposureId);
    bucket.forget(exposureId);
    const members = byObservation.get(observationId);
    members?.delete(exposureId);
    if (members?.size === 0) byObservation.delete(observationId);
  };
  const dropOld = (): void => {
    const oldest = Date.now() - REMEMBERED_MILLIS;
    for (const { record, touched } of records.values())
      if (touched < oldest && !waiting.has(record.exposureId)) drop(record);
  };
  const inMemory = (ids: Iterable<string>): ExposureRecord[] =>
    [...ids].flatMap((id) => records.get(id)?.record ?? []);

  let own: Own | undefined;
  for (const entry of await readAll(kv, bucket.saw)) {
    if (entry.key === OWN) own = entry.json<Own>();
    else if (!entry.key.startsWith('_')) keep(entry.json<ExposureRecord>(), entry.created.getTime());
  }
  dropOld();
  const remembered = own ? await latest.get(LATEST) : null;
  const restored: Latest = remembered
    ? remembered.json<Latest>()
    : { sequence: own?.sequence ?? 0, telemetry: {} };
  let state: Own = { settings: NO_SETTINGS, ...own, sequence: own ? restored.sequence : 0 };
  let written = 0;

  const saveOwn = async (next: Own): Promise<void> => {
    await bucket.put(OWN, JSON.stringify(next));
    state = next;
    written = Date.now();
  };

  return {
    async get(exposureId) {
      const known = records.get(exposureId);
      if (known) return known.record;
      if (!/^[\w-]+$/.test(exposureId)) return undefined;
      const entry = await kv.get(exposureId);
      if (entry?.operation !== 'PUT') return undefined;
      bucket.saw(entry);
      keep(entry.json<ExposureRecord>());
      return records.get(exposureId)?.record;
    },
    known: (exposureId) => records.get(exposureId)?.record,
    *recent() {
      for (const { record } of records.values()) yield record;
    },
    observation: (observationId) => inMemory(byObservation.get(observationId) ?? []),
    waiting: () => inMemory(waiting),
    note: (record) => keep(record),
    async save(record) {
      await bucket.put(record.exposureId, JSON.stringify(record));
      keep(record);
    },
    get settings() {
      return state.settings;
    },
    saveSettings: (settings) => saveOwn({ ...state, settings }),
    restored,
    async checkpoint(sequence, memory) {
      if (sequence <= state.sequence && Date.now() - written < REFRESH_MILLIS) return;
      // Telemetry first: newer than the position it goes with is harmless, older would be missing.
      await latest.put(LATEST, JSON.stringify({ sequence, ...memory }));
      await saveOwn({ ...state, sequence });
      dropOld();
    },
  };
};
