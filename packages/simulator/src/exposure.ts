import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exposureFileStem, productPath, utDate } from '@iris-drs/datamodels';
import type { Crew } from './crew.ts';
import type { EventMaker, PublishedEvent } from './csw.ts';
import type { ObservationItem } from './observation.ts';
import type { ExposurePlan, ObservationOptions, ObservationPlan } from './plan.ts';
import { type ExposureLabels, PIXEL_SCALE_ARCSEC, writeRampFile } from './rampfile.ts';
import { openReadStore, type ReadStore, readsWritten } from './readstore.ts';
import type { RepeatedReads } from './repeat.ts';
import * as sequence from './sequence.ts';
import { telemetry } from './telemetry.ts';
import { truthOf } from './truth.ts';

/** What an exposure needs of the observation that it is part of. */
export interface Observing {
  readonly plan: ObservationPlan;
  readonly options: ObservationOptions;
  readonly make: EventMaker;
  readonly crew: Crew;
  /** Waits until simulated time has come. */
  readonly pace: (elapsed: number) => Promise<void>;
  /** Where reads repeat: see {@link ObservationOptions.repeatRows}. */
  readonly repeated: RepeatedReads | undefined;
  play(events: Iterable<PublishedEvent> | AsyncIterable<PublishedEvent>): AsyncGenerator<ObservationItem>;
}

/** One exposure: its events in their order, and its files between them. */
export async function* observe(
  observing: Observing,
  exposure: ExposurePlan,
): AsyncGenerator<ObservationItem> {
  const { plan, make, play, options } = observing;
  const { exposureId } = exposure;
  const state = telemetryOf(plan, exposure);
  const aborted = exposure.ramps.get(plan.detectors[0]!)!.abortedAfter;
  // Reads that appear while they are taken have been worked out before.
  const store = options.readFiles ? await openReadStore(observing, exposure) : undefined;
  try {
    yield* play(sequence.offset(make, plan.observationId, state.offset));
    yield* play(telemetry(make, state));
    yield* play([sequence.observeStart(make, plan.observationId)]);
    make.wait(1);
    yield* play(sequence.exposureStart(make, exposureId));
    const labels = {
      ...plan.labels,
      exposureId,
      role: exposure.role,
      start: make.time,
      offset: exposure.offset,
    };
    make.wait(0.05);
    yield* play(telemetry(make, state));
    if (store) yield* takeReads(observing, exposure, store, labels);
    else yield* play(sequence.readouts(make, exposureId, plan.sampling, aborted));
    yield* play(
      aborted === undefined
        ? sequence.exposureEnd(make, exposureId)
        : sequence.exposureAborted(make, exposureId),
    );
    for (const detector of plan.detectors)
      if (store) yield truthOfReads(observing, exposure, detector, store);
      else yield* writeDetector(observing, exposure, detector, labels);
    yield* play(sequence.available(make, exposureId));
    yield* play([sequence.observeEnd(make, plan.observationId)]);
    make.wait(1);
  } finally {
    store?.close();
  }
}

/** Reads of all detectors, each in a file of its own that is whole before its ReadoutEnd. */
async function* takeReads(
  { plan, make, play, pace, options }: Observing,
  exposure: ExposurePlan,
  store: ReadStore,
  labels: ExposureLabels,
): AsyncGenerator<ObservationItem> {
  const { exposureId } = exposure;
  const last = exposure.ramps.get(plan.detectors[0]!)!.abortedAfter;
  const done: Extract<ObservationItem, { kind: 'read' }>[] = [];
  const write = async function* (ramp: number, read: number) {
    await pace(make.elapsed);
    for await (const one of readsWritten(store, plan, exposure, labels, { ramp, read }, options.dir)) {
      if (one.file) {
        done.push({ kind: 'read', ...one.file });
        options.onRead?.(one.file);
      }
      const { detector } = one;
      yield { detector, ramp, read, ...(one.file && one.complete ? { filename: one.file.filename } : {}) };
    }
  };
  for await (const item of play(sequence.readouts(make, exposureId, plan.sampling, last, write))) {
    yield* done.splice(0);
    yield item;
  }
}

/** The file of one detector with all its reads, and its truth. */
async function* writeDetector(
  observing: Observing,
  exposure: ExposurePlan,
  detector: string,
  labels: ExposureLabels,
): AsyncGenerator<ObservationItem> {
  const { make, play, options, crew } = observing;
  const { exposureId, role } = exposure;
  const filename = productPath({
    exposureFileStem: exposureFileStem(exposureId, detector),
    utDate: utDate(labels.start),
    suffix: 'uncal',
    mode: 'imager',
  });
  const path = join(options.dir, filename);
  yield* play([sequence.dataWriteStart(make, exposureId, filename)]);
  await writeRampFile(path, exposure.ramps.get(detector)!, labels, crew, (done, total) =>
    options.onProgress?.({ stage: 'reads', exposureId, detector, fraction: done / total }),
  );
  const truthPath = writeTruth(observing, exposure, detector);
  yield { kind: 'file', exposureId, detector, role, path, filename, truthPath };
  make.wait(1.5);
  yield* play([sequence.dataWriteEnd(make, exposureId, filename)]);
}

function truthOfReads(
  observing: Observing,
  exposure: ExposurePlan,
  detector: string,
  store: ReadStore,
): ObservationItem {
  const { exposureId, role } = exposure;
  const truthPath = writeTruth(observing, exposure, detector);
  return { kind: 'reads', exposureId, detector, role, files: store.written(detector), truthPath };
}

function writeTruth({ options }: Observing, exposure: ExposurePlan, detector: string): string {
  const stem = exposureFileStem(exposure.exposureId, detector);
  const truthPath = join(options.truth ?? join(options.dir, 'truth'), `${stem}_truth.json`);
  mkdirSync(dirname(truthPath), { recursive: true });
  writeFileSync(truthPath, JSON.stringify(truthOf(exposure.ramps.get(detector)!, exposure.exposureId)));
  return truthPath;
}

function telemetryOf(plan: ObservationPlan, exposure: ExposurePlan) {
  const first = exposure.ramps.get(plan.detectors[0]!)!;
  return {
    observationId: plan.observationId,
    observationStart: plan.start,
    object: plan.labels.object,
    filter: plan.labels.filter,
    pointing: plan.labels.pointing,
    offset: exposure.offset.map((pixels) => Number((-pixels * PIXEL_SCALE_ARCSEC).toFixed(6))) as [
      number,
      number,
    ],
    isSky: exposure.role === 'SKY',
    position: exposure.position,
    exposureNumber: exposure.number,
    exposures: plan.exposures.length,
    detectors: plan.detectors,
    ...plan.sampling,
    gain: first.detector.gain,
    readNoise: first.detector.readNoise,
  };
}
