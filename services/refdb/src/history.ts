import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { type HistoryEntry, history, type LocalReferences } from '@iris-drs/crds';
import type { HistoryEntry as EntryMessage, WatchRequest, WatchUpdate } from '@iris-drs/proto';

const LOOK_MS = 200;
const PAGE = 100;

export const entryMessage = (entry: HistoryEntry): EntryMessage => ({
  ...entry,
  time: new Date(entry.time),
  references: entry.references.map(({ type, ...file }) => ({ referenceType: type, ...file })),
  mappings: [...entry.mappings],
  changes: entry.changes.map(({ type, rmap, action, file, key, replaced = '' }) => ({
    action,
    referenceType: type,
    mapping: rmap,
    file,
    replaced,
    key: [...key],
  })),
});

/** Entries of the history, the newest first. */
export const historyPage = (path: string, limit: number, before: number): EntryMessage[] =>
  history(path, { limit: Math.min(limit || PAGE, 10 * PAGE), ...(before > 0 ? { before } : {}) }).map(
    entryMessage,
  );

/** Entries after a number, the oldest first. */
export const entriesAfter = (path: string, serial: number): HistoryEntry[] => {
  const [newest] = history(path, { limit: 1 });
  return newest && newest.serial > serial ? history(path, { limit: newest.serial - serial }).reverse() : [];
};

/**
 * Tells the context in force at once and each one that comes, until the client leaves. Entries of the history come in
 * order, each once; a cache without a history tells names of contexts alone.
 */
export const watchContext = async (
  path: string,
  inForce: LocalReferences,
  call: ServerWritableStream<WatchRequest, WatchUpdate>,
  stopping: AbortSignal,
): Promise<void> => {
  const left = new AbortController();
  const leave = (): void => left.abort();
  for (const event of ['cancelled', 'close', 'error']) call.once(event, leave);
  const signal = AbortSignal.any([left.signal, stopping]);
  let context = await inForce.context();
  let { after } = call.request;
  if (after === 0) after = history(path, { limit: 1 })[0]?.serial ?? 0;
  call.write({ context });
  while (!signal.aborted) {
    for (const entry of entriesAfter(path, after)) {
      call.write({ context: entry.to, entry: entryMessage(entry) });
      ({ serial: after, to: context } = entry);
    }
    const now = await inForce.context();
    if (after === 0 && now !== context) call.write({ context: now });
    context = now;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  call.end();
};
