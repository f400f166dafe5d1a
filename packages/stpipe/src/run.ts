import type { ReferenceSource } from '@iris-drs/crds';
import { stepState, writeProvenance } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import type { Engine } from '@iris-drs/kernels';
import { planOptions, type StepOptions } from './options.ts';
import type { ReferenceCache } from './reference-cache.ts';
import { type Answers, recordNotApplicable, referenceOpener, resolveReferences } from './references.ts';
import { nonDefaultOptions } from './spec.ts';
import type { AnyStep, Model, StepDescription, StepLog } from './step.ts';
import { VERSION } from './version.ts';

export interface StepOutcome {
  readonly step: string;
  readonly state: 'COMPLETE' | 'SKIPPED';
  readonly reason?: string;
  readonly seconds: number;
}

export interface PipelineSetup {
  readonly engine: Engine;
  readonly references: ReferenceSource;
  readonly cache: ReferenceCache;
  readonly log: StepLog;
  /** Option texts, keys "step.option"; `override_<type>` takes a path or N/A. */
  readonly options: Readonly<Record<string, string>>;
  /** Wraps each step's work, which gives the reason where it found nothing to do: a span and a clock in a service. */
  around?(step: string, work: () => Promise<string | undefined>): Promise<string | undefined>;
  /** Called before and after each step that the header does not call COMPLETE, also one that is skipped: hooks. */
  before?(step: string): Promise<void>;
  after?(step: string): Promise<void>;
  /** Hears of every step as it ends. */
  progress?(outcome: StepOutcome): void;
}

interface PlannedStep<M extends Model> {
  readonly step: AnyStep<M>;
  readonly options: StepOptions;
  readonly complete: boolean;
}

const ALREADY = 'already COMPLETE';

/** Why a step does not run, or undefined when it does. */
const reasonToSkip = (
  { step, options, complete }: PlannedStep<never>,
  answers: Answers | undefined,
): string | undefined => {
  if (complete) return ALREADY;
  if (options.skip) return 'skip = True';
  const none = step.referenceTypes.find((type) => answers?.get(type)?.kind === 'notApplicable');
  return none === undefined ? undefined : `no ${none.toUpperCase()} reference applies (N/A)`;
};

const recordOptions = (header: Header, step: StepDescription, { own }: StepOptions): void => {
  const changed = nonDefaultOptions(step.spec, own).map(([name, value]) => [`${step.name}.${name}`, value]);
  writeProvenance(header, { options: Object.fromEntries(changed) });
};

/**
 * Asks for the references of steps as `runSteps` will and fetches them, so that what is missing on the way shows before
 * any work is done. The header stays as it is.
 */
export const prefetchReferences = async (
  steps: readonly StepDescription[],
  header: Header,
  { references, log, options }: Pick<PipelineSetup, 'references' | 'log' | 'options'>,
): Promise<void> => {
  const own = header.clone();
  const planned = planOptions(steps, options);
  const plan = steps.flatMap((step, i) => {
    const to = { step, options: planned[i]! };
    return to.options.skip || stepState(own, step.name) === 'COMPLETE' ? [] : [to];
  });
  writeProvenance(own, { softwareVersion: VERSION });
  await resolveReferences(plan, own, { references, log });
};

/**
 * Runs the steps on a model in order, in place, resolving all references first. Each step's outcome, references and
 * non-default options are recorded in the model's header. A step already COMPLETE is left alone. On an error the
 * references are given back; the model stays its owner's.
 *
 * @throws StepError for unknown options, or for a needed reference that the rules do not find
 */
export const runSteps = async <M extends Model>(
  steps: readonly AnyStep<M>[],
  model: M,
  setup: PipelineSetup,
): Promise<{ readonly model: M; readonly outcomes: readonly StepOutcome[] }> => {
  const { log, around = (_step, work) => work() } = setup;
  const { header } = model;
  const options = planOptions(steps, setup.options);
  const plan = steps.map(
    (step, i): PlannedStep<M> => ({
      step,
      options: options[i]!,
      complete: stepState(header, step.name) === 'COMPLETE',
    }),
  );
  const toRun = plan.filter((one) => !one.complete && !one.options.skip);
  // Fills in INSTRUME, which the rules ask first, in a header that lacks it.
  writeProvenance(header, { softwareVersion: VERSION });
  const resolved = await resolveReferences(toRun, header, setup);
  const answersOf = new Map(toRun.map(({ step }, i) => [step, resolved.answers[i]!]));

  if (resolved.context !== undefined) {
    header.set('CRDS_CTX', resolved.context, 'context that chose the references');
    header.set('CRDS_VER', VERSION, 'version of the reference matcher');
  }
  // A step may hand a reference's planes on to a later one, so all stay leased until the last has run.
  using leases = new DisposableStack();
  const outcomes: StepOutcome[] = [];
  for (const planned of plan) {
    const { step } = planned;
    const answers = answersOf.get(step);
    const started = performance.now();
    let reason = reasonToSkip(planned, answers);
    if (reason !== ALREADY) await setup.before?.(step.name);
    if (reason === undefined && answers) {
      let skipped: string | undefined;
      const context = {
        engine: setup.engine,
        log,
        reference: referenceOpener(step, model, answers, { ...setup, leases }),
        overridden(type: string) {
          const answer = answers.get(type);
          return answer?.kind === 'file' && answer.overridden;
        },
        optionsOf: (name: string) => plan.find((other) => other.step.name === name)?.options.own,
        skip(why: string) {
          skipped = why;
        },
      };
      reason = await around(step.name, async () => {
        await step.process(model, planned.options.own, context);
        return skipped;
      });
      recordOptions(header, step, planned.options);
    } else if (answers) recordNotApplicable(header, step.referenceTypes, answers);

    const state = reason === undefined ? 'COMPLETE' : 'SKIPPED';
    if (reason !== ALREADY) {
      writeProvenance(header, { steps: { [step.name]: state } });
      await setup.after?.(step.name);
    }
    log.info(reason === undefined ? `Step ${step.name} done` : `Step ${step.name} skipped: ${reason}.`);
    const seconds = (performance.now() - started) / 1000;
    const outcome = { step: step.name, state, seconds, ...(reason === undefined ? {} : { reason }) } as const;
    outcomes.push(outcome);
    setup.progress?.(outcome);
  }
  return { model, outcomes };
};
