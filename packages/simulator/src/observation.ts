import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { exposureFileStem, productPath, utDate } from '@iris-drs/datamodels';
import { type Crew, openCrew } from './crew.ts';
import { type EventMaker, eventMaker, type PublishedEvent } from './csw.ts';
import { CONTEXT } from './mappings.ts';
import { type ExposurePlan, type ObservationOptions, type ObservationPlan, planObservation } from './plan.ts';
import { PIXEL_SCALE_ARCSEC, writeRampFile } from './rampfile.ts';
import { referenceTypes } from './reference.ts';
import { writeReferenceFiles } from './referencefiles.ts';
import * as sequence from './sequence.ts';
import { telemetry } from './telemetry.ts';
import { truthOf } from './truth.ts';

/** What a simulated observation brings forth, in the order in which it happens. */
export type ObservationItem =
  | {
      readonly kind: 'references';
      readonly refs: string;
      readonly context: string;
      readonly files: readonly string[];
    }
  | {
      readonly kind: 'file';
      readonly exposureId: string;
      readonly detector: string;
      readonly role: 'SCI' | 'SKY';
      /** Absolute, and relative to the data directory as events name it. */
      readonly path: string;
      readonly filename: string;
      readonly truthPath: string;
    }
  | {
      readonly kind: 'event';
      /** Simulated seconds since the start of the observation. */
      readonly at: number;
      readonly published: PublishedEvent;
    };

/**
 * Observes: makes the references (if `refs` has no context yet), then for each exposure of the sequence the
 * events in their order and, between ExposureEnd and its DataWriteEnd, the file of each detector with its
 * truth. An event that names a file comes after the file is whole.
 *
 * Everything but the pace is decided by the options: the same options give the same bytes and the same events.
 *
 * @throws SimulatorError InvalidSetting, CrowdedScene
 */
export async function* simulateObservation(options: ObservationOptions): AsyncGenerator<ObservationItem> {
  const plan = planObservation(options);
  const crew = openCrew(options.threads);
  try {
    if (options.refs && !existsSync(join(options.refs, 'mappings', 'tmt', CONTEXT)))
      yield {
        kind: 'references',
        refs: options.refs,
        context: CONTEXT,
        files: await references(options.refs, plan, options, crew),
      };
    const make = eventMaker(plan.start, plan.seed);
    const pace = pacer(options.pace);
    const play = async function* (events: Iterable<PublishedEvent>): AsyncGenerator<ObservationItem> {
      for (const published of events) {
        await pace(make.elapsed);
        yield { kind: 'event', at: make.elapsed, published };
      }
    };
    yield* play(sequence.acquisition(make, plan.observationId));
    for (const exposure of plan.exposures) yield* observe(plan, exposure, make, play, options, crew);
    yield* play([sequence.observationEnd(make, plan.observationId)]);
  } finally {
    await crew.close();
  }
}

type Play = (events: Iterable<PublishedEvent>) => AsyncGenerator<ObservationItem>;

async function* observe(
  plan: ObservationPlan,
  exposure: ExposurePlan,
  make: EventMaker,
  play: Play,
  options: ObservationOptions,
  crew: Crew,
): AsyncGenerator<ObservationItem> {
  const { observationId, sampling } = plan;
  const { exposureId } = exposure;
  const state = telemetryOf(plan, exposure);
  yield* play(sequence.offset(make, observationId, state.offset));
  yield* play(telemetry(make, state));
  yield* play([sequence.observeStart(make, observationId)]);
  make.wait(1);
  yield* play(sequence.exposureStart(make, exposureId));
  const start = make.time;
  make.wait(0.05);
  yield* play(telemetry(make, state));
  yield* play(sequence.readouts(make, exposureId, sampling));
  yield* play(sequence.exposureEnd(make, exposureId));
  for (const detector of plan.detectors) {
    const ramp = exposure.ramps.get(detector)!;
    const stem = exposureFileStem(exposureId, detector);
    const filename = productPath({
      exposureFileStem: stem,
      utDate: utDate(start),
      suffix: 'uncal',
      mode: 'imager',
    });
    const path = join(options.dir, filename);
    yield* play([sequence.dataWriteStart(make, exposureId, filename)]);
    const labels = { ...plan.labels, exposureId, role: exposure.role, start, offset: exposure.offset };
    await writeRampFile(path, ramp, labels, crew, (done, total) =>
      options.onProgress?.({ stage: 'reads', exposureId, detector, fraction: done / total }),
    );
    const truthPath = join(options.truth ?? join(options.dir, 'truth'), `${stem}_truth.json`);
    mkdirSync(dirname(truthPath), { recursive: true });
    writeFileSync(truthPath, JSON.stringify(truthOf(ramp, exposureId)));
    yield { kind: 'file', exposureId, detector, role: exposure.role, path, filename, truthPath };
    make.wait(1.5);
    yield* play([sequence.dataWriteEnd(make, exposureId, filename)]);
  }
  yield* play(sequence.available(make, exposureId));
  yield* play([sequence.observeEnd(make, observationId)]);
  make.wait(1);
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

function references(
  refs: string,
  plan: ObservationPlan,
  options: ObservationOptions,
  crew: Crew,
): Promise<string[]> {
  let done = 0;
  const total = plan.calibrations.reduce((sum, calibration) => sum + referenceTypes(calibration).length, 0);
  return writeReferenceFiles(
    {
      refs,
      calibrations: plan.calibrations,
      filter: plan.labels.filter,
      pupil: plan.labels.pupil,
      onFile: () =>
        options.onProgress?.({ stage: 'references', fraction: ++done / total }),
    },
    crew,
  );
}

/** Longest real wait between two events, seconds: nobody wants to sit through an acquisition. */
const LONGEST_WAIT = 3;

/** Waits until simulated time, run `pace` times as fast as real time, has come; without a pace never. */
function pacer(pace: number | undefined): (elapsed: number) => Promise<void> {
  let last = 0;
  return async (elapsed) => {
    const gap = elapsed - last;
    last = elapsed;
    if (pace && gap > 0) await setTimeout(Math.min(gap / pace, LONGEST_WAIT) * 1000);
  };
}
