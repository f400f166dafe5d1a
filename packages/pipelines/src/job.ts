import { basename } from 'node:path';
import type { ReferenceSource } from '@iris-drs/crds';
import type { Engine } from '@iris-drs/kernels';
import type { Configured, Model, ReferenceCache, StepSettings } from '@iris-drs/stpipe';
import type { RunLog } from './log.ts';

/** How far a run is: `done` of `total` steps, and what is in hand. */
export interface RunProgress {
  readonly done: number;
  readonly total: number;
  readonly what: string;
}

export interface RunRequest {
  readonly configured: Configured;
  /** Files as the user named them. */
  readonly inputs: readonly string[];
  readonly cwd: string;
  readonly engine: Engine;
  /** Undefined where no CRDS cache is known: overrides alone must do. */
  readonly references: ReferenceSource | undefined;
  readonly log: RunLog;
  /** Pixels of the strips in which Image2Pipeline reduces a frame; its own choice unless given. */
  readonly stripPixels?: number;
  progress?(progress: RunProgress): void;
}

/** A run in hand. */
export interface Job extends RunRequest {
  readonly inputs: readonly [string, ...string[]];
  readonly references: ReferenceSource;
  /** False: steps that the user did not ask for do without references. */
  readonly hasReferences: boolean;
  readonly cache: ReferenceCache;
  /** What to read of a file part by part: a gzip'ed one is unpacked once. */
  plain(path: string): Promise<string>;
  /** Paths of the products, in the order in which they were written. */
  readonly saved: string[];
  /** Files whose references were asked for and named in the log already. */
  readonly prefetched?: ReadonlySet<string>;
  /** Counts so many steps as to come, or as not to come. */
  plan(steps: number): void;
  began(what: string): void;
  ended(): void;
}

/** `stpipe.Image2Pipeline`, and of a step `stpipe.Image2Pipeline.flat_field`. */
export const loggerName = ({ configured }: Pick<Job, 'configured'>, section?: string): string =>
  ['stpipe', configured.name, ...(section === undefined ? [] : [section])].join('.');

/** What the user asks of a step of ours; of a step that has no section in his pipeline nothing. */
export const settingsOf = (
  { configured }: Pick<Job, 'configured'>,
  step: string,
): StepSettings | undefined =>
  configured.known.kind === 'step' ? configured.own : configured.steps.find(({ name }) => name === step);

/** Does the section of a step ask for its result as a product? */
export const savesResult = (
  settings: StepSettings | undefined,
): settings is StepSettings & { readonly section: string } =>
  settings?.section !== undefined && settings.values.get('save_results') === true;

type Speaker = Pick<Job, 'configured' | 'log'>;
export const info = (job: Speaker, message: string): void => job.log(loggerName(job), 'INFO', message);
export const warn = (job: Speaker, message: string): void => job.log(loggerName(job), 'WARNING', message);

/** A model as stpipe's log lines show it. */
export const shownModel = ({ shape: [rows, nx], strip, header }: Model, file: string): string => {
  const kind = header.get('DATAMODL');
  return `<${typeof kind === 'string' ? kind : 'IRISImageModel'}(${strip?.height ?? rows}, ${nx}) from ${basename(file)}>`;
};

/** The same run without a word and without progress. */
export const silent = (job: Job): Job => ({
  ...job,
  log: () => undefined,
  plan: () => undefined,
  began: () => undefined,
  ended: () => undefined,
});
