import { basename } from 'node:path';
import { type ImageModel, writeProvenance } from '@iris-drs/datamodels';
import {
  type AnyStep,
  type Model,
  runSteps,
  type StepLog,
  type StepOutcome,
  VERSION,
} from '@iris-drs/stpipe';
import { hooksOf, type When } from './hooks/plan.ts';
import { runHooks } from './hooks/run.ts';
import { type Job, loggerName, savesResult, settingsOf, shownModel, warn } from './job.ts';
import { dealtLog, stepLogOf } from './log.ts';
import { askedTypes, refuseWithout, textsFor } from './options.ts';
import { sayPrefetching } from './prefetch.ts';

export interface StepsRun {
  /** File that the model came from. */
  readonly file: string;
  /** Further inputs of a step, for its first line in the log. */
  readonly arguments?: Readonly<Record<string, readonly string[]>>;
  /** Steps to be skipped whatever the options say. */
  readonly skip?: readonly string[];
  /** Saves the model as a step has left it; called for steps whose section says `save_results`. */
  save?(step: string): Promise<void>;
}

/** Steps that the user's class had not do without a CRDS cache unless a file is given; those it names need it. */
const runnable = <M extends Model>(job: Job, steps: readonly AnyStep<M>[]): readonly AnyStep<M>[] =>
  steps.filter(({ name, referenceTypes }) => {
    const settings = settingsOf(job, name);
    if (job.hasReferences || referenceTypes.length === 0) return true;
    if (settings && (!settings.extra || settings.overrides.size > 0)) return true;
    warn(job, `no CRDS cache (CRDS_PATH): step ${name} is left out`);
    return false;
  });

/** The frame that a model is or has. */
const frameIn = (model: Model & { readonly frame?: ImageModel }): ImageModel | undefined =>
  'sci' in model ? (model as Model as ImageModel) : model.frame;

/** Steps in pieces, each ending with one whose result is to be saved. */
const pieces = <M extends Model>(job: Job, steps: readonly AnyStep<M>[]): AnyStep<M>[][] => {
  const cut: AnyStep<M>[][] = [[]];
  for (const step of steps) {
    cut.at(-1)!.push(step);
    if (savesResult(settingsOf(job, step.name))) cut.push([]);
  }
  return cut.filter((piece) => piece.length > 0);
};

/**
 * Runs steps on a model as the user's configuration says, with stpipe's lines in the log, and writes down what made
 * it: CAL_VER, CRDS_VER, the states of the steps.
 */
export const runOn = async <M extends Model>(
  job: Job,
  steps: readonly AnyStep<M>[],
  model: M,
  run: StepsRun,
): Promise<readonly StepOutcome[]> => {
  const { engine, cache, references, log } = job;
  const list = runnable(job, steps);
  job.plan(list.length - steps.length);
  const texts = textsFor(job, list, run.skip);
  if (!job.hasReferences) refuseWithout(askedTypes(list, texts, ({ referenceTypes }) => referenceTypes));
  const told = job.prefetched?.has(run.file) === true;
  if (!told) sayPrefetching(job, run.file, askedTypes(list, texts));
  const alone = job.configured.known.kind === 'step';
  const sectionOf = (step: string | undefined): string | undefined =>
    step === undefined ? undefined : (settingsOf(job, step)?.section ?? step);
  const shown = shownModel(model, run.file);
  const running = (step: string): string => {
    const more = run.arguments?.[step]?.map((file) => `'${basename(file)}'`).join(', ');
    return `Step ${sectionOf(step)} running with args (${shown}${more === undefined ? ',' : `, [${more}]`}).`;
  };
  const dealt = dealtLog(log, (step) => loggerName(job, sectionOf(step)), running);
  const own = stepLogOf(log, loggerName(job));
  const hooks = async (when: When, step: string): Promise<void> => {
    const settings = settingsOf(job, step);
    if (hooksOf(settings, when).length === 0) return;
    if (!alone) dealt.started(step);
    const more = run.arguments?.[step] ?? [];
    await runHooks(job, when, settings, { model, frame: frameIn(model), file: run.file, more });
  };
  const outcomes: StepOutcome[] = [];
  for (const piece of pieces(job, list)) {
    const named = new Set(piece.map(({ name }) => name));
    const ran = await runSteps(piece, model, {
      ...{ engine, cache, references },
      log: alone
        ? { ...own, info: (message) => soloLine(message, own.info) }
        : told
          ? unprefetched(dealt)
          : dealt,
      options: Object.fromEntries(Object.entries(texts).filter(([key]) => named.has(key.split('.', 1)[0]!))),
      around(step, work) {
        job.began(`${basename(run.file)} ${sectionOf(step)}`);
        if (!alone) dealt.started(step);
        return work();
      },
      before: (step) => hooks('pre', step),
      after: (step) => hooks('post', step),
      progress: () => job.ended(),
    });
    outcomes.push(...ran.outcomes);
    const last = piece.at(-1)!;
    if (savesResult(settingsOf(job, last.name))) await run.save?.(last.name);
  }
  if (!job.hasReferences) for (const keyword of ['CRDS_CTX', 'CRDS_VER']) model.header.delete(keyword);
  writeProvenance(model.header, { softwareVersion: VERSION, softwareRevision: 'RELEASE' });
  return outcomes;
};

/** The same lines without those about references that were found before. */
const unprefetched = (log: StepLog): StepLog => ({
  ...log,
  info: (message) =>
    void (/^(Prefetch|Override) for \w+ reference file is /.test(message) || log.info(message)),
});

/** A step that runs alone is announced and ended by the run itself. */
const soloLine = (message: string, say: (message: string) => void): void => {
  const ended = /^Step \w+ (done|skipped: (.*)\.)$/s.exec(message);
  if (!ended) say(message);
  else if (ended[2] !== undefined)
    say(ended[2] === 'skip = True' ? 'Step skipped.' : `Step skipped: ${ended[2]}.`);
};
