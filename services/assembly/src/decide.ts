import { utDate } from '@iris-drs/datamodels';
import { type Input, SCHEMA_VERSION, type Stage, type Task } from '@iris-drs/proto';
import { backgroundsFor, type FrameTraits } from '@iris-drs/stpipe';
import type { ExposureRecord, FrameState, ProductSummary } from './record.ts';

/** A task that is due, and the span links its trace shall carry. */
export interface DueTask {
  readonly stage: Stage;
  readonly detector: string;
  readonly task: Task;
}

export interface Rules {
  /** How long a science frame waits for a sky once it is calibrated, ms. */
  readonly skyDeadlineMillis: number;
  /** Stages held back by STOP, as `readout-imager`. */
  readonly held: ReadonlySet<string>;
}

/** Roles whose frames are calibrated with dark and flat; the others end as raw science frames. */
const CALIBRATED: ReadonlySet<string> = new Set([
  'science',
  'sky',
  'telluric',
  'flux-standard',
  'psf-star',
  'arc',
  'fibre',
  'pinhole',
]);
/** Roles whose frames become reduced images. */
const REDUCED: ReadonlySet<string> = new Set(['science', 'telluric', 'flux-standard', 'psf-star']);

export const traitsOf = (
  record: ExposureRecord,
  frame: FrameState,
  product: ProductSummary,
): FrameTraits => ({
  exposureId: record.exposureId,
  observationId: record.observationId,
  mode: frame.mode,
  detector: frame.detector,
  filter: product.filter,
  scale: product.scale,
  exposureTimeSeconds: product.exposureTimeSeconds,
  startMillis: product.startMillis,
});

interface SkyFrame extends FrameTraits {
  readonly product: ProductSummary;
  readonly lastEventMillis: number;
}

/** The calibrated sky frames of an observation. */
const skiesOf = (records: Iterable<ExposureRecord>): SkyFrame[] => {
  const skies: SkyFrame[] = [];
  for (const record of records) {
    for (const frame of Object.values(record.frames)) {
      const product = frame.products.l2a;
      if (frame.role === 'sky' && product) {
        skies.push({ ...traitsOf(record, frame, product), product, lastEventMillis: frame.lastEventMillis });
      }
    }
  }
  return skies;
};

const input = (product: ProductSummary, exposureId: string, exptype: string): Input => ({
  frame: product.frame,
  exptype,
  exposureId,
  extver: 0,
});

const baseTask = (record: ExposureRecord, frame: FrameState, stage: Stage): Task => ({
  schemaVersion: SCHEMA_VERSION,
  stage,
  mode: frame.mode,
  detector: frame.detector,
  exposureId: record.exposureId,
  observationId: record.observationId,
  role: frame.role,
  inputs: [],
  utDate: utDate(record.exposure.started ?? record.exposure.firstSeen),
  version: 1,
  options: {},
  keywords: [],
  aborted: record.exposure.aborted,
  lastEventTime: new Date(frame.lastEventMillis),
  remark: '',
});

const readoutTask = (record: ExposureRecord, frame: FrameState): Task => ({
  ...baseTask(record, frame, 'readout'),
  inputs: [
    {
      frame: { path: frame.path, size: 0, shape: [], dtype: '', datasum: '' },
      exptype: frame.role,
      exposureId: record.exposureId,
      extver: frame.extver,
    },
  ],
  keywords: [...(record.keywords[frame.detector] ?? [])],
});

const calibTask = (record: ExposureRecord, frame: FrameState, product: ProductSummary): Task => ({
  ...baseTask(record, frame, 'calib'),
  inputs: [input(product, record.exposureId, frame.role)],
});

/** The imager's task once a sky is there, or the deadline is past; undefined while it waits. */
const imagerTask = (
  record: ExposureRecord,
  frame: FrameState,
  product: ProductSummary,
  skies: readonly SkyFrame[],
  now: number,
  rules: Rules,
): Task | undefined => {
  const base = baseTask(record, frame, 'imager');
  const science = input(product, record.exposureId, 'science');
  const backgrounds = backgroundsFor(traitsOf(record, frame, product), skies);
  if (backgrounds.length > 0) {
    // The sky that was waited for may have been announced after this frame's own last event.
    const waitedFor = Math.max(frame.lastEventMillis, ...backgrounds.map((sky) => sky.lastEventMillis));
    return {
      ...base,
      inputs: [science, ...backgrounds.map((sky) => input(sky.product, sky.exposureId, 'background'))],
      lastEventTime: new Date(waitedFor),
    };
  }
  if (record.observationId === '')
    return { ...base, inputs: [science], remark: 'no sky: standalone exposure' };
  const waited = now - product.sinceMillis;
  if (waited < rules.skyDeadlineMillis) return undefined;
  return {
    ...base,
    inputs: [science],
    lastEventTime: new Date(product.sinceMillis + rules.skyDeadlineMillis),
    remark: `no sky within ${rules.skyDeadlineMillis / 1000} s`,
  };
};

const pipelineOf = (frame: FrameState, level: 'readout' | 'online'): string =>
  `${level}-${frame.mode === 'imager' ? 'imager' : 'ifs'}`;

/** The next task of one frame, if one is due now. */
const nextTask = (
  record: ExposureRecord,
  frame: FrameState,
  skies: readonly SkyFrame[],
  now: number,
  rules: Rules,
): Task | undefined => {
  const { l1, l2a, l2 } = frame.products;
  const due = (stage: Stage): boolean => !frame.tasks.includes(stage);
  if (!l1)
    return due('readout') && !rules.held.has(pipelineOf(frame, 'readout'))
      ? readoutTask(record, frame)
      : undefined;
  if (rules.held.has(pipelineOf(frame, 'online')) || !CALIBRATED.has(frame.role)) return undefined;
  if (!l2a) return due('calib') ? calibTask(record, frame, l1) : undefined;
  if (l2 || frame.mode !== 'imager' || !REDUCED.has(frame.role) || !due('imager')) return undefined;
  return imagerTask(record, frame, l2a, skies, now, rules);
};

/**
 * Tasks of an exposure that are due now: their inputs are all there, or their deadline has passed, and none was
 * given out before. Pure, so that asking again after a crash gives the same answer.
 *
 * @param observation  every record of the exposure's observation, its own included
 */
export const dueTasks = (
  record: ExposureRecord,
  observation: Iterable<ExposureRecord>,
  now: number,
  rules: Rules,
): DueTask[] => {
  const skies = skiesOf(observation);
  const due: DueTask[] = [];
  for (const frame of Object.values(record.frames)) {
    const task = nextTask(record, frame, skies, now, rules);
    if (task) due.push({ stage: task.stage as Stage, detector: frame.detector, task });
  }
  return due;
};

/** True while something about the exposure can still change without a new event: it has to be looked at again. */
export const isWaiting = (record: ExposureRecord): boolean =>
  Object.values(record.frames).some(
    (frame) =>
      frame.mode === 'imager' &&
      REDUCED.has(frame.role) &&
      frame.products.l2a !== undefined &&
      frame.products.l2 === undefined &&
      !frame.tasks.includes('imager'),
  );
