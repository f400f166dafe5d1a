import { readFileSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectBus, followProducts, publishEvent } from '@iris-drs/bus';
import { openFile } from '@iris-drs/fits/node';
import type { Product } from '@iris-drs/proto';
import {
  type PublishedEvent,
  type SoakOptions,
  soakEvents,
  soakReferences,
  soakWriter,
} from '@iris-drs/simulator';
import { parseEventLine } from '@iris-drs/tmt';
import { down } from '../../instance/down.ts';
import { isAlive } from '../../instance/processes.ts';
import { type ProcessRecord, readState } from '../../instance/state.ts';
import { up } from '../../instance/up.ts';
import { withScratch } from './scratch.ts';
import { type SoakedExposure, type SoakReport, soakReport, soakText } from './soak-report.ts';

export interface SoakSettings {
  readonly size: number;
  readonly seconds: number;
  readonly json: boolean;
  readonly say: (line: string) => void;
}

/** Detectors that share an exposure. */
const EXPOSING = [
  ['IMG', ['IMG1', 'IMG2', 'IMG3', 'IMG4']],
  ['IFS', ['IFS']],
] as const;
const DETECTORS = EXPOSING.flatMap(([, names]) => [...names]);
const READ_SECONDS = 0.72;
const READS = 10;
const OBSERVATION = '2031A-001-123';
/** Reads and frames that may lie there before the run is given up. */
const MOST_BYTES = 6e9;
const PATIENCE_SECONDS = 60;
const START = '2031-03-14T09:24:53.589Z';

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);

/** Memory where it has the room, so that the disk is not what is measured. */
const placeFor = (say: SoakSettings['say']): string => {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    const room = Math.min(bavail * bsize, freemem());
    if (room > 2 * MOST_BYTES) {
      say(`soak: data lie in memory, /dev/shm, which has room for ${gigabytes(room)} GB`);
      return '/dev/shm';
    }
  } catch {
    // Not on this platform.
  }
  say(`soak: /dev/shm has no room; data lie on the disk of ${tmpdir()}, whose speed is measured too`);
  return tmpdir();
};

const TICKS = 100;

/** CPU seconds and the most resident memory of a process so far; zeros where there is no /proc. */
const usage = (pid: number): { readonly cpuSeconds: number; readonly peakBytes: number } => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS, peakBytes: Number(peak) * 1024 };
  } catch {
    return { cpuSeconds: 0, peakBytes: 0 };
  }
};

const exposureIdOf = (name: string, number: number): string =>
  `${OBSERVATION}-IRIS-${name}-SCI0-${String(number).padStart(4, '0')}`;

/** What is on its way: exposures by id and detector, their reads, the time of the last. */
const ledger = (data: string) => {
  const open = new Map<string, { reads: string[]; lastMillis: number; bytes: number }>();
  const done: SoakedExposure[] = [];
  const failures: string[] = [];
  const keyOf = (exposureId: string, detector: string) => `${exposureId} ${detector}`;
  let bytes = 0;
  return {
    done,
    failures,
    get bytes() {
      return bytes;
    },
    get open() {
      return open.size;
    },
    wrote(exposureId: string, detector: string, path: string, length: number): void {
      const key = keyOf(exposureId, detector);
      const entry = open.get(key) ?? { reads: [], lastMillis: 0, bytes: 0 };
      entry.reads.push(path);
      entry.lastMillis = Date.now();
      entry.bytes += length;
      bytes += length;
      open.set(key, entry);
    },
    /** A frame is there: its reads have served, and it has. */
    async reduced({ exposureId, detector, frame, finished, stepSeconds }: Product): Promise<void> {
      const key = keyOf(exposureId, detector);
      const entry = open.get(key);
      if (!entry || !frame || !finished) return;
      const path = join(data, frame.path);
      using fits = await openFile(path);
      const used = Number(fits.hdu(0).header.get('NRDUSED'));
      const latencySeconds = (finished.getTime() - entry.lastMillis) / 1000;
      const { lastMillis } = entry;
      done.push({ exposureId, detector, latencySeconds, lastMillis, stepSeconds, lost: READS - used });
      for (const file of [...entry.reads, path]) rmSync(file, { force: true });
      bytes -= entry.bytes;
      open.delete(key);
    },
  };
};

type Ledger = ReturnType<typeof ledger>;

/** Writes reads in time and tells of them; gives up when too much lies there. @returns seconds it was late at most */
const expose = async (
  writer: ReturnType<typeof soakWriter>,
  publish: (events: readonly PublishedEvent[]) => Promise<void>,
  book: Ledger,
  exposures: number,
): Promise<number> => {
  const events = soakEvents(START);
  const began = performance.now();
  let late = 0;
  for (let number = 1; number <= exposures; number++) {
    const ids = EXPOSING.map(([name]) => exposureIdOf(name, number));
    await publish(ids.flatMap((id) => events.start(id)));
    for (let read = 0; read < READS; read++) {
      const due = began + ((number - 1) * READS + read + 1) * READ_SECONDS * 1000;
      const wait = due - performance.now();
      if (wait > 0) await sleep(wait);
      late = Math.max(late, (performance.now() - due) / 1000);
      if (book.bytes > MOST_BYTES) return Number.POSITIVE_INFINITY;
      for (const [k, [, detectors]] of EXPOSING.entries()) {
        for (const detector of detectors) {
          const file = writer.write(ids[k]!, detector, START, { ramp: 0, read });
          book.wrote(ids[k]!, detector, file.path, writer.pixelBytes);
          await publish([events.read(file)]);
        }
      }
    }
    // As a detector does; the next exposure is under way by then.
    const ending = ids.flatMap((id) => events.end(id));
    void sleep(100).then(() => publish(ending));
  }
  await sleep(200);
  return late;
};

const runSoak = async (root: string, { size, seconds, say }: SoakSettings): Promise<SoakReport> => {
  const [data, refs] = [join(root, 'data'), join(root, 'refs')];
  say('soak: making references of five detectors');
  await soakReferences({ refs, detectors: DETECTORS, size });
  const stopAll = async (): Promise<void> => {
    const state = readState(data);
    if (state) await down(state, (line) => say(`soak: ${line}`));
  };
  const kill = (): void => {
    for (const record of readState(data)?.processes ?? [])
      if (isAlive(record)) process.kill(record.pid, 'SIGKILL');
  };
  process.prependOnceListener('exit', kill);
  const state = await up({
    ...{ data, refs, nats: undefined, modes: undefined, only: ['refdb', 'assembly', 'readout'] },
    say: (line) => say(`soak: ${line}`),
  }).catch(async (error: unknown) => {
    await stopAll();
    throw error;
  });
  const nc = await connectBus({ url: state.natsUrl, name: 'drs-soak' });
  const stop = new AbortController();
  const book = ledger(state.data);
  const follow = async (): Promise<void> => {
    for await (const seen of followProducts(nc, { products: true, failures: true, signal: stop.signal })) {
      if (seen.type === 'failure') book.failures.push(`${seen.failure.code}: ${seen.failure.message}`);
      else if (seen.product.level === 'l1') await book.reduced(seen.product);
    }
  };
  const following = follow();
  try {
    const options: SoakOptions = { dir: state.data, reads: READS, size, readSeconds: READ_SECONDS };
    const writer = soakWriter(options);
    // Works out the rows that repeat.
    for (const detector of DETECTORS)
      rmSync(writer.write('warm-up', detector, START, { ramp: 0, read: 0 }).path);
    const exposures = Math.max(2, Math.round(seconds / (READS * READ_SECONDS)));
    const rate = (DETECTORS.length * writer.pixelBytes) / READ_SECONDS;
    say(`soak: ${exposures} exposures of ${READS} reads, five detectors, ${(rate / 1e6).toFixed(0)} MB/s`);
    const publish = async (list: readonly PublishedEvent[]): Promise<void> => {
      for (const published of list) {
        const { event, body } = parseEventLine(JSON.stringify(published));
        await publishEvent(nc, event, body);
      }
    };
    const cpuOf = ({ name, pid }: ProcessRecord) => ({ name, pid, before: usage(pid).cpuSeconds });
    const before = [
      ...state.processes.map(cpuOf),
      { name: 'writer', pid: process.pid, before: usage(process.pid).cpuSeconds },
    ];
    const began = Date.now();
    const late = await expose(writer, publish, book, exposures);
    const written = (Date.now() - began) / 1000;
    for (const end = Date.now() + PATIENCE_SECONDS * 1000; book.open > 0 && Date.now() < end; )
      await sleep(50);
    const processes = before.map(({ name, pid, before: cpu }) => {
      const { cpuSeconds, peakBytes } = usage(pid);
      return { name, cpuSeconds: cpuSeconds - cpu, peakBytes };
    });
    return soakReport({
      ...{ exposures: book.done, missing: book.open, failures: book.failures, processes, late },
      ...{ readSeconds: READ_SECONDS, bytesPerSecond: rate, seconds: written },
    });
  } finally {
    stop.abort();
    await following.catch(() => undefined);
    await nc.close();
    await stopAll();
    process.off('exit', kill);
  }
};

/**
 * Five detectors write reads at full rate, with the events of a controller each; a real service reduces them up the ramp
 * with non-linearity, on the same cores.
 *
 * @returns 1 when the lag grows, the writer cannot keep its rate, or a read is lost
 */
export const soak = async (settings: SoakSettings): Promise<number> => {
  const report = await withScratch((root) => runSoak(root, settings), placeFor(settings.say));
  process.stdout.write(settings.json ? `${JSON.stringify(report)}\n` : soakText(report));
  return report.passed ? 0 : 1;
};
