import { type Input, SCHEMA_VERSION, type Stage, type Task } from '@iris-drs/proto';
import { type AssociableFrame, backgroundsFor, becomesImage, isCalibrated } from '@iris-drs/stpipe';
import { expectedDetectors, parseExposureId } from '@iris-drs/tmt';
import type { ExposureRecord, FrameState, ProductSummary } from './record.ts';
import type { Settings } from './settings.ts';

/** A task that is due, and the span links its trace shall carry. */
export interface DueTask {
  readonly stage: Stage;
  readonly detector: string;
  readonly task: Task;
}

export interface Rules {
  /** How long a science frame waits for a sky once it is calibrated, ms. */
  readonly skyDeadlineMillis: number;
  /**
   * Deadlines count from here at the earliest: what was missed while no assembly was active has to be caught up with
   * first. Undefined until then: no deadline passes.
   */
  readonly deadlinesFromMillis: number | undefined;
  readonly settings: Settings;
}

const traitsOf = (record: ExposureRecord, frame: FrameState, product: ProductSummary): AssociableFrame => ({
  exposureId: record.exposureId,
  observationId: record.observationId,
  mode: frame.mode,
  detector: frame.detector,
  filter: product.filter,
  scale: product.scale,
  exposureTimeSeconds: product.exposureTimeSeconds,
  startMillis: product.startMillis,
  role: frame.role,
  aborted: record.exposure.aborted,
});

interface CalibratedFrame extends AssociableFrame {
  readonly product: ProductSummary;
  readonly lastEventMillis: number;
}

const calibratedFrames = (records: readonly ExposureRecord[]): CalibratedFrame[] =>
  records.flatMap((record) =>
    Object.values(record.frames).flatMap((frame) => {
      const product = frame.products.l2a;
      const { lastEventMillis } = frame;
      return product ? [{ ...traitsOf(record, frame, product), product, lastEventMillis }] : [];
    }),
  );

/** True when a sky of the observation is being exposed or reduced. */
const isSkyUnderWay = (records: readonly ExposureRecord[], detector: string): boolean =>
  records.some(({ exposure, exposureId, frames }) => {
    if (exposure.aborted) return false;
    const frame = frames[detector];
    if (frame) return frame.role === 'sky' && !frame.products.l2a;
    const isSky = Object.values(frames).some(({ role }) => role === 'sky');
    const isExpected = expectedDetectors(exposure)?.some((expected) => expected === detector) ?? true;
    return isExpected && (isSky || parseExposureId(exposureId).type === 'SKY');
  });

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
  utDate: frame.utDate,
  version: 1,
  options: {},
  keywords: [],
  aborted: record.exposure.aborted,
  lastEventTime: new Date(frame.lastEventMillis),
  remark: '',
  follow: false,
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
  follow: frame.follow === true,
});

const calibTask = (record: ExposureRecord, frame: FrameState, product: ProductSummary): Task => ({
  ...baseTask(record, frame, 'calib'),
  inputs: [input(product, record.exposureId, frame.role)],
});

/** Whether a science frame that found no sky goes on without one, since when, and what its header will say. */
const withoutSky = (
  record: ExposureRecord,
  frame: FrameState,
  product: ProductSummary,
  observation: readonly ExposureRecord[],
  now: number,
  { skyDeadlineMillis, deadlinesFromMillis, settings }: Rules,
): { readonly sinceMillis: number; readonly remark: string } | undefined => {
  const { lastEventMillis } = frame;
  if (record.observationId === '')
    return { sinceMillis: lastEventMillis, remark: 'no sky: standalone exposure' };
  if (deadlinesFromMillis === undefined) return undefined;
  const { skyless } = settings.observations[record.observationId] ?? {};
  if (skyless && !isSkyUnderWay(observation, frame.detector)) {
    const sinceMillis = Math.max(lastEventMillis, skyless.sinceMillis);
    return { sinceMillis, remark: `no sky: ${skyless.reason}` };
  }
  const sinceMillis = Math.max(product.sinceMillis, deadlinesFromMillis) + skyDeadlineMillis;
  if (now < sinceMillis) return undefined;
  return { sinceMillis, remark: `no sky within ${skyDeadlineMillis / 1000} s` };
};

/** The imager's task once a sky is there, or waiting for one is over; undefined while it waits. */
const imagerTask = (
  record: ExposureRecord,
  frame: FrameState,
  product: ProductSummary,
  observation: readonly ExposureRecord[],
  now: number,
  rules: Rules,
): Task | undefined => {
  const base = baseTask(record, frame, 'imager');
  const science = input(product, record.exposureId, 'science');
  const backgrounds = backgroundsFor(traitsOf(record, frame, product), calibratedFrames(observation));
  if (backgrounds.length > 0) {
    // The sky that was waited for may have been announced after this frame's own last event.
    const waitedFor = Math.max(frame.lastEventMillis, ...backgrounds.map((sky) => sky.lastEventMillis));
    return {
      ...base,
      inputs: [science, ...backgrounds.map((sky) => input(sky.product, sky.exposureId, 'background'))],
      lastEventTime: new Date(waitedFor),
    };
  }
  const alone = withoutSky(record, frame, product, observation, now, rules);
  if (!alone) return undefined;
  const { sinceMillis, remark } = alone;
  return { ...base, inputs: [science], lastEventTime: new Date(sinceMillis), remark };
};

const pipelineOf = (frame: FrameState, level: 'readout' | 'online'): string =>
  `${level}-${frame.mode === 'imager' ? 'imager' : 'ifs'}`;

const isHeld = (frame: FrameState, level: 'readout' | 'online', { settings }: Rules): boolean =>
  settings.held.includes(pipelineOf(frame, level));

/** The next task of one frame, if one is due now. */
const nextTask = (
  record: ExposureRecord,
  frame: FrameState,
  observation: readonly ExposureRecord[],
  now: number,
  rules: Rules,
): Task | undefined => {
  const { l1, l2a } = frame.products;
  if (!l1)
    return frame.tasks.includes('readout') || isHeld(frame, 'readout', rules)
      ? undefined
      : readoutTask(record, frame);
  if (isHeld(frame, 'online', rules) || !isCalibrated(frame.role)) return undefined;
  if (!l2a) return frame.tasks.includes('calib') ? undefined : calibTask(record, frame, l1);
  return isReducible(frame) ? imagerTask(record, frame, l2a, observation, now, rules) : undefined;
};

/** True for a calibrated frame whose reduction is due as soon as its sky, or its deadline, is there. */
const isReducible = (frame: FrameState): boolean =>
  becomesImage(frame) && !!frame.products.l2a && !frame.products.l2 && !frame.tasks.includes('imager');

/**
 * Tasks of an exposure that are due now: their inputs are all there, or their deadline has passed, and none was
 * given out before. Pure, so that asking again after a crash gives the same answer.
 *
 * @param observation  every record of the exposure's observation, its own included
 * @param now          ms since 1970
 */
export const dueTasks = (
  record: ExposureRecord,
  observation: readonly ExposureRecord[],
  now: number,
  rules: Rules,
): DueTask[] =>
  Object.values(record.frames).flatMap((frame) => {
    const task = nextTask(record, frame, observation, now, rules);
    return task ? [{ stage: task.stage as Stage, detector: frame.detector, task }] : [];
  });

/** Frames whose reads are followed, of an exposure that is over: the followers have to be told. */
export const dueEnds = ({ exposure, frames }: ExposureRecord): FrameState[] =>
  exposure.state === 'ended' || exposure.state === 'aborted'
    ? Object.values(frames).filter(({ follow, endAnnounced }) => follow && !endAnnounced)
    : [];

/** True while something about the exposure can still change without a new event: it has to be looked at again. */
export const isWaiting = (record: ExposureRecord): boolean =>
  record.files.some(({ state }) => state === 'pending') || Object.values(record.frames).some(isReducible);

/** True when a look at a waiting exposure may be worth it: cheap, asked several times a second for each of them. */
export const isTimeToLook = (record: ExposureRecord, now: number, rules: Rules): boolean => {
  if (record.files.some(({ state }) => state === 'pending')) return true;
  const { deadlinesFromMillis, skyDeadlineMillis } = rules;
  if (deadlinesFromMillis === undefined) return false;
  return Object.values(record.frames).some(
    (frame) =>
      isReducible(frame) &&
      !isHeld(frame, 'online', rules) &&
      now >= Math.max(frame.products.l2a?.sinceMillis ?? 0, deadlinesFromMillis) + skyDeadlineMillis,
  );
};
