import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Crew, openCrew } from './crew.ts';
import { eventMaker, type PublishedEvent } from './csw.ts';
import { observe } from './exposure.ts';
import { CONTEXT } from './mappings.ts';
import { type ObservationOptions, type ObservationPlan, planObservation, type ReadFile } from './plan.ts';
import { referenceTypes } from './reference.ts';
import { writeReferenceFiles } from './referencefiles.ts';
import { repeatedReads } from './repeat.ts';
import * as sequence from './sequence.ts';

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
  | (ReadFile & { readonly kind: 'read' })
  | {
      /** With reads in files of their own: all that one detector has taken, after the end of the exposure. */
      readonly kind: 'reads';
      readonly exposureId: string;
      readonly detector: string;
      readonly role: 'SCI' | 'SKY';
      readonly files: readonly ReadFile[];
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
 * truth; or with `readFiles` each read when it is taken. An event that names a file comes after the file is whole.
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
    const play = async function* (
      events: Iterable<PublishedEvent> | AsyncIterable<PublishedEvent>,
    ): AsyncGenerator<ObservationItem> {
      for await (const published of events) {
        await pace(make.elapsed);
        yield { kind: 'event', at: make.elapsed, published };
      }
    };
    const repeated = options.repeatRows === undefined ? undefined : repeatedReads(options.repeatRows);
    yield* play(sequence.acquisition(make, plan.observationId));
    for (const exposure of plan.exposures)
      yield* observe({ plan, options, make, crew, pace, play, repeated }, exposure);
    yield* play([sequence.observationEnd(make, plan.observationId)]);
  } finally {
    await crew.close();
  }
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
      onFile: () => options.onProgress?.({ stage: 'references', fraction: ++done / total }),
    },
    crew,
  );
}

/** Longest real wait between two events, seconds: nobody wants to sit through an acquisition. */
const LONGEST_WAIT = 3;
/** Delay that is caught up, seconds; one that is longer (an exposure was worked out) shifts what follows. */
const MOST_LATE = 0.5;

/**
 * Waits until simulated time, run `pace` times as fast as real time, has come; without a pace never. Work between
 * two waits is part of the time, so a rate is kept as long as the work fits; what is late by more is let go.
 */
function pacer(pace: number | undefined): (elapsed: number) => Promise<void> {
  let last = 0;
  let due = performance.now() / 1000;
  return async (elapsed) => {
    const gap = elapsed - last;
    last = elapsed;
    if (!pace || gap <= 0) return;
    const now = performance.now() / 1000;
    due = Math.max(due, now - MOST_LATE) + Math.min(gap / pace, LONGEST_WAIT);
    const left = due - now;
    if (left > 0) await setTimeout(left * 1000);
  };
}
