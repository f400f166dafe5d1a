import { BUCKET } from '@iris-drs/proto';
import { jetstream } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/nats-core';
import { isWaiting } from './decide.ts';
import type { ExposureRecord } from './record.ts';

/** Set once the bucket has been filled; a bucket without it is new, and its exposures are read from the streams again. */
const MARKER = '_filled';

const CONTROL = '_control';

/** What commands have set. */
export interface Settings {
  /** Parts held back by STOP. */
  readonly held: readonly string[];
  /** Keywords of the observer and the observation block. */
  readonly keywords: Readonly<Record<string, string | number>>;
}

/** The exposures' records: in memory, and in the bucket by compare-and-set. */
export interface RecordStore {
  /** False for a bucket that was lost: the streams have to be read from their start. */
  readonly filled: boolean;
  get(exposureId: string): ExposureRecord | undefined;
  /** Every record of an observation; of a standalone exposure, its own alone. */
  observationOf(record: ExposureRecord): ExposureRecord[];
  /** Records about which something is due without a new event. */
  waiting(): ExposureRecord[];
  /** @throws when another writer changed the record since it was read */
  save(record: ExposureRecord): Promise<void>;
  markFilled(): Promise<void>;
  readonly settings: Settings;
  saveSettings(settings: Settings): Promise<void>;
}

interface Loaded {
  readonly revisions: Map<string, number>;
  readonly records: Map<string, ExposureRecord>;
  readonly settings: Settings;
}

const load = async (kv: KV): Promise<Loaded> => {
  let settings: Settings = { held: [], keywords: {} };
  const revisions = new Map<string, number>();
  const records = new Map<string, ExposureRecord>();
  const { values } = await kv.status();
  if (values === 0) return { revisions, records, settings };
  const entries = await kv.watch({ key: '>', include: '' });
  for await (const entry of entries) {
    revisions.set(entry.key, entry.revision);
    if (entry.operation === 'PUT' && !entry.key.startsWith('_'))
      records.set(entry.key, entry.json<ExposureRecord>());
    if (entry.operation === 'PUT' && entry.key === CONTROL) settings = entry.json<Settings>();
    if (entry.delta === 0) break;
  }
  return { revisions, records, settings };
};

/** Reads every record. @throws when the bucket is missing: provision first */
export const openStore = async (nc: NatsConnection): Promise<RecordStore> => {
  const kv = await new Kvm(jetstream(nc, { timeout: 5_000 })).open(BUCKET.exposures);
  const loaded = await load(kv);
  const { revisions, records } = loaded;
  let { settings } = loaded;
  const waiting = new Set([...records.values()].filter(isWaiting).map(({ exposureId }) => exposureId));
  const byObservation = new Map<string, Set<string>>();
  const index = ({ exposureId, observationId }: ExposureRecord): void => {
    if (observationId === '') return;
    const members = byObservation.get(observationId) ?? new Set();
    byObservation.set(observationId, members.add(exposureId));
  };
  for (const record of records.values()) index(record);

  const put = async (key: string, value: string): Promise<void> => {
    const revision = revisions.get(key);
    revisions.set(
      key,
      revision === undefined ? await kv.create(key, value) : await kv.update(key, value, revision),
    );
  };

  return {
    filled: revisions.has(MARKER),
    get: (exposureId) => records.get(exposureId),
    observationOf(record) {
      const members = byObservation.get(record.observationId);
      return members ? [...members].flatMap((id) => records.get(id) ?? []) : [record];
    },
    waiting: () => [...waiting].flatMap((id) => records.get(id) ?? []),
    async save(record) {
      await put(record.exposureId, JSON.stringify(record));
      records.set(record.exposureId, record);
      index(record);
      if (isWaiting(record)) waiting.add(record.exposureId);
      else waiting.delete(record.exposureId);
    },
    get settings() {
      return settings;
    },
    async saveSettings(next) {
      await put(CONTROL, JSON.stringify(next));
      settings = next;
    },
    async markFilled() {
      if (!revisions.has(MARKER)) await put(MARKER, '1');
    },
  };
};
