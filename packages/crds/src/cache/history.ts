import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DerivedChange } from '../derive/derive.ts';
import { CrdsError } from '../errors.ts';
import { makeDirectory, stageText } from './exclusive.ts';

/** A reference file that an ingest has brought. */
export interface IngestedReference {
  readonly file: string;
  /** Reference type, lower case. */
  readonly type: string;
  readonly sha1: string;
  readonly size: number;
}

/** What an entry of the history tells besides its number and time. */
export interface HistoryChange {
  /** `begin` names the context that was in force before there was a history. */
  readonly action: 'begin' | 'ingest' | 'activate' | 'rollback';
  readonly by: string;
  readonly why: string;
  /** The context in force before; empty in the first entry. */
  readonly from: string;
  /** The context in force from here on. */
  readonly to: string;
  readonly references: readonly IngestedReference[];
  /** Mappings that were made for it. */
  readonly mappings: readonly string[];
  /** What changed in the rules. */
  readonly changes: readonly DerivedChange[];
  /** Number of the entry that a rollback undoes; 0 for others. */
  readonly undoes: number;
}

/** What a change says that takes nothing in. */
export const NOTHING_NEW = { references: [], mappings: [], changes: [], undoes: 0 } as const;

/** One change of the context in force. */
export interface HistoryEntry extends HistoryChange {
  /** 1, 2, 3 … without gaps. */
  readonly serial: number;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/** Part of a cache that a history belongs to. */
export interface HistoryPlace {
  readonly path: string;
  readonly observatory: string;
}

const historyDirectory = ({ path, observatory }: HistoryPlace): string =>
  join(path, 'config', observatory, 'history');

export const entryPath = (place: HistoryPlace, serial: number): string =>
  join(historyDirectory(place), `${String(serial).padStart(6, '0')}.json`);

const isEntry = (value: unknown): value is HistoryEntry => {
  if (typeof value !== 'object' || value === null) return false;
  const { serial, to, from, time, by, why, references, mappings, changes, undoes } = value as Record<
    string,
    unknown
  >;
  const texts = [to, from, time, by, why].every((text) => typeof text === 'string');
  const lists = [references, mappings, changes].every(Array.isArray);
  return texts && lists && Number.isInteger(serial) && Number.isInteger(undoes);
};

/** @throws CrdsError HistoryBroken when the entry cannot be read */
export const readEntry = (place: HistoryPlace, serial: number): HistoryEntry => {
  const path = entryPath(place, serial);
  try {
    const entry: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isEntry(entry) && entry.serial === serial) return entry;
    throw new Error(`it is no history entry of number ${serial}`);
  } catch (error) {
    const message = `${path} cannot be used (${(error as Error).message}). Put the entry back from a backup; the context in force depends on it.`;
    throw new CrdsError('HistoryBroken', message, { file: path, cause: error });
  }
};

/** Number of the newest entry; 0 without a history. */
export const lastSerial = (place: HistoryPlace): number => {
  const directory = historyDirectory(place);
  if (statSync(directory, { throwIfNoEntry: false }) === undefined) return 0;
  const serials = readdirSync(directory).map((name) => Number(/^(\d{6,15})\.json$/.exec(name)?.[1] ?? 0));
  return serials.reduce((a, b) => Math.max(a, b), 0);
};

/** The newest entry, which names the context in force. @throws CrdsError HistoryBroken */
export const newestEntry = (place: HistoryPlace): HistoryEntry | undefined => {
  const serial = lastSerial(place);
  return serial === 0 ? undefined : readEntry(place, serial);
};

/**
 * Puts an entry after number `after`, unless another writer was faster.
 * @returns undefined when that number is taken: nothing was changed then
 */
export const appendEntry = (
  place: HistoryPlace,
  after: number,
  change: HistoryChange,
): HistoryEntry | undefined => {
  const entry: HistoryEntry = { serial: after + 1, time: new Date().toISOString(), ...change };
  makeDirectory(historyDirectory(place));
  const staged = stageText(entryPath(place, entry.serial), `${JSON.stringify(entry, null, 1)}\n`);
  try {
    return staged.commit() === 'made' ? entry : undefined;
  } finally {
    staged.discard();
  }
};
