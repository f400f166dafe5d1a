/** Names on the bus: subjects, streams, consumers and buckets. Nothing else spells them. */

export const SCHEMA_VERSION = 1;

export const STAGES = ['readout', 'calib', 'imager', 'ifs'] as const;
export type Stage = (typeof STAGES)[number];

export const MODES = ['imager', 'lenslet', 'slicer'] as const;
export type Mode = (typeof MODES)[number];

const LEVELS = ['l0', 'l1', 'l2a', 'l2', 'l3', 'ref'] as const;
export type Level = (typeof LEVELS)[number];

export const STREAM = {
  observe: 'OBSERVE',
  tasks: 'TASKS',
  products: 'PRODUCTS',
  failures: 'FAILURES',
  reads: 'READS',
  status: 'STATUS',
  advisories: 'ADVISORIES',
  deadLetters: 'DEAD',
} as const;

export const BUCKET = { exposures: 'exposures', telemetry: 'telemetry', leases: 'leases' } as const;

/** Characters that NATS gives a meaning to, or that break a subject, become an underscore. */
export const subjectToken = (text: string): string => text.replace(/[^A-Za-z0-9_-]/g, '_') || '_';

/**
 * Subject of a TMT event: `tmt.obs.<SUBSYSTEM>.<EventName>.<component tokens>`. The leading
 * `ObserveEvent.` of the event name is kept as a token of its own only in the payload.
 */
export const observeSubject = (source: string, eventName: string): string => {
  const [subsystem = '_', ...component] = source.split('.');
  const name = eventName.replace(/^ObserveEvent\./, '');
  return ['tmt.obs', subjectToken(subsystem), subjectToken(name), ...component.map(subjectToken)].join('.');
};

export const taskSubject = (stage: Stage, mode: string, detector: string, exposureId: string): string =>
  `drs.task.${stage}.${mode}.${detector}.${subjectToken(exposureId)}`;

export const productSubject = (
  level: string,
  mode: string,
  detector: string,
  exposureId: string,
  version: number,
): string => `drs.product.${level}.${mode}.${detector}.${subjectToken(exposureId)}.${version}`;

export const failureSubject = (stage: string, mode: string): string =>
  `drs.failure.${subjectToken(stage)}.${subjectToken(mode || 'unknown')}`;

export const readSubject = (exposureId: string, detector: string): string =>
  `drs.read.${subjectToken(exposureId)}.${detector}`;

/** Looks at ramps under way; core NATS. */
export const previewSubject = (mode: string, detector: string): string =>
  `drs.preview.${subjectToken(mode)}.${subjectToken(detector)}`;

/** Our own CSW status events. */
export const statusEventSubject = (eventName: string): string => `tmt.drs.${subjectToken(eventName)}`;

/** Durable consumer of a stage's tasks; one for each mode, so that a deployment serves its mode alone. */
export const taskConsumer = (stage: Stage, mode: Mode): string => `${stage}-${mode}`;
