import { closeSync, mkdirSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exposureFileStem, productPath, utDate } from '@iris-drs/datamodels';
import { openFile } from '@iris-drs/fits/node';
import type { Observing } from './exposure.ts';
import { frameOf } from './frame.ts';
import type { ExposurePlan, MissingRead, ObservationPlan, ReadFile } from './plan.ts';
import { type RampSettings, readTimes } from './ramp.ts';
import { type ExposureLabels, writeRampFile } from './rampfile.ts';
import {
  type EncodedPixels,
  encodedPixels,
  type ReadNumber,
  readHeader,
  readStem,
  writeRead,
} from './readfile.ts';

/** Reads of an exposure that have been worked out, and wait to be taken. */
export interface ReadStore {
  /** Pixels of one read. */
  pixels(detector: string, number: ReadNumber): EncodedPixels;
  /** Remembers a file, and tells them all. */
  wrote(file: ReadFile): void;
  written(detector: string): ReadFile[];
  close(): void;
}

interface Stored {
  readonly fd: number;
  readonly offset: number;
  readonly bytes: number;
  readonly shape: readonly [ny: number, nx: number];
  readonly reads: number;
}

/** The reads of an exposure, in the way that the options ask for. */
export async function openReadStore(observing: Observing, exposure: ExposurePlan): Promise<ReadStore> {
  const { repeated } = observing;
  if (repeated === undefined) return storeReads(observing, exposure);
  for (const ramp of exposure.ramps.values()) repeated(ramp, 0); // worked out now, not within the first ramp
  const files: ReadFile[] = [];
  return {
    pixels: (detector, { read }) => repeated(exposure.ramps.get(detector)!, read),
    wrote: (file) => files.push(file),
    written: (detector) => files.filter((file) => file.detector === detector),
    close: () => {},
  };
}

/** Works out all reads of an exposure into a hidden file for each detector; `close` removes them. */
async function storeReads(observing: Observing, exposure: ExposurePlan): Promise<ReadStore> {
  const { plan, options, crew, make } = observing;
  const { exposureId, role, offset } = exposure;
  const directory = join(options.dir, `.${exposureId}.reads`);
  mkdirSync(directory, { recursive: true });
  const stored = new Map<string, Stored>();
  const files: ReadFile[] = [];
  const close = () => {
    for (const { fd } of stored.values()) closeSync(fd);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    for (const detector of plan.detectors) {
      const { abortedAfter, ...whole } = exposure.ramps.get(detector)!;
      const path = join(directory, `${detector}.fits`);
      const labels = { ...plan.labels, exposureId, role, start: make.time, offset };
      await writeRampFile(path, whole, labels, crew, (done, total) =>
        options.onProgress?.({ stage: 'reads', exposureId, detector, fraction: done / total }),
      );
      using fits = await openFile(path);
      const { nx, ny } = frameOf(whole);
      stored.set(detector, {
        fd: openSync(path, 'r'),
        offset: fits.hdu('SCI').dataOffset,
        bytes: 2 * nx * ny,
        shape: [ny, nx],
        reads: whole.reads,
      });
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    pixels(detector, { ramp, read }) {
      const { fd, offset, bytes, shape, reads } = stored.get(detector)!;
      const index = ramp * reads + read;
      const out = new Uint8Array(bytes);
      for (let at = 0; at < bytes; ) at += readSync(fd, out, at, bytes - at, offset + index * bytes + at);
      return encodedPixels(out, shape);
    },
    wrote: (file) => files.push(file),
    written: (detector) => files.filter((file) => file.detector === detector),
    close,
  };
}

export interface WrittenRead {
  readonly detector: string;
  readonly complete: boolean;
  /** Absent for a read that was never written. */
  readonly file?: ReadFile;
}

/** Writes one read of every detector into files of their own, in `<UTdate>/readouts`. */
export async function* readsWritten(
  store: ReadStore,
  plan: ObservationPlan,
  exposure: ExposurePlan,
  labels: ExposureLabels,
  number: ReadNumber,
  dir: string,
): AsyncGenerator<WrittenRead> {
  for (const detector of plan.detectors) {
    const missing = plan.missing.find((one) => isSame(one, number, detector));
    if (missing && !missing.incomplete) {
      yield { detector, complete: false };
      continue;
    }
    const ramp = exposure.ramps.get(detector)!;
    const filename = productPath({
      exposureFileStem: readStem(exposureFileStem(exposure.exposureId, detector), number),
      utDate: utDate(labels.start),
      suffix: 'uncal',
      mode: 'imager',
    });
    const path = join(dir, filename);
    mkdirSync(join(path, '..'), { recursive: true });
    writeOne(store, path, ramp, labels, number, !missing);
    const time = readTimes(ramp)[number.read]!;
    const file = { exposureId: exposure.exposureId, detector, ...number, time, path, filename };
    store.wrote(file);
    yield { detector, complete: !missing, file };
  }
}

const isSame = (missing: MissingRead, { ramp, read }: ReadNumber, detector: string): boolean =>
  missing.ramp === ramp && missing.read === read && (missing.detector ?? detector) === detector;

function writeOne(
  store: ReadStore,
  path: string,
  ramp: RampSettings,
  labels: ExposureLabels,
  number: ReadNumber,
  complete: boolean,
): void {
  const pixels = store.pixels(ramp.detector.detector, number);
  const header = readHeader(ramp, labels, number, complete);
  writeRead(path, header, complete ? pixels : stoppedHalfway(pixels));
}

function stoppedHalfway({ pieces, shape }: EncodedPixels): EncodedPixels {
  const bytes = Buffer.concat(pieces);
  return encodedPixels(bytes.fill(0, bytes.length >> 1), shape);
}
