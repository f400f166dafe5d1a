import type { ReferenceSource } from '@iris-drs/crds';
import { stepState, writeProvenance } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import type { Engine } from '@iris-drs/kernels';
import { StepError } from './errors.ts';
import type { ReferenceCache } from './reference-cache.ts';
import { nonDefaultOptions, parseOptions, type Spec } from './spec.ts';
import type { AnyStep, Model, StepContext, StepDescription, StepLog } from './step.ts';
import { VERSION } from './version.ts';

/** Options that every step has beside its own. */
const COMMON = {
  skip: { type: 'boolean', default: false, doc: 'Skip this step' },
} as const satisfies Spec;

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
  /** Wraps each step's work: a span and a clock in a service, nothing offline. */
  around?<T>(step: string, work: () => Promise<T>): Promise<T>;
  /** Hears of every step as it ends. */
  progress?(outcome: StepOutcome): void;
}

/** Header keywords as the texts that reference rules compare. */
export const headerTexts = (header: Header): Record<string, string> => {
  const texts: Record<string, string> = {};
  for (const { keyword, value } of header.cards) {
    if (value === undefined || value === null || keyword in texts) continue;
    texts[keyword] = typeof value === 'boolean' ? (value ? 'T' : 'F') : String(value);
  }
  return texts;
};

interface StepOptions {
  readonly own: Record<string, string>;
  readonly skip: boolean;
  readonly overrides: ReadonlyMap<string, string>;
}

const optionsOf = (step: StepDescription, texts: Readonly<Record<string, string>>): StepOptions => {
  const own: Record<string, string> = {};
  const common: Record<string, string> = {};
  const overrides = new Map<string, string>();
  const types = new Set([...step.referenceTypes, ...(step.optionalReferenceTypes ?? [])]);
  const prefix = `${step.name}.`;
  for (const [key, text] of Object.entries(texts)) {
    if (!key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length);
    if (name in COMMON) common[name] = text;
    else if (name.startsWith('override_') && types.has(name.slice(9))) overrides.set(name.slice(9), text);
    else own[name] = text;
  }
  return { own, overrides, skip: parseOptions(step.name, COMMON, common).skip };
};

/** Throws for options that name a step which the pipeline lacks. */
const checkStepNames = (steps: readonly StepDescription[], texts: Readonly<Record<string, string>>): void => {
  const names = new Set(steps.map((step) => step.name));
  for (const key of Object.keys(texts)) {
    const step = key.split('.', 1)[0] ?? key;
    if (!names.has(step)) {
      throw new StepError(
        'STEP_UNKNOWN',
        step,
        `Extra value '${key}': no step '${step}'; the steps are: ${[...names].join(', ')}.`,
      );
    }
  }
};

type Answer =
  | { readonly path: string; readonly file: string }
  | { readonly notApplicable: true }
  | { readonly error: string };

/** CRDS's error for a type that the rules do not know: caches made for iris_pipeline list few of them. */
const UNLISTED = 'CrdsUnknownReftypeError';

/** One batch call for all references of all steps, as a prefetch. */
const resolveReferences = async (
  plan: readonly (readonly [StepDescription, StepOptions])[],
  header: Header,
  setup: PipelineSetup,
): Promise<Map<string, Answer>> => {
  const answers = new Map<string, Answer>();
  const wanted = new Set<string>();
  for (const [step, options] of plan) {
    for (const type of [...step.referenceTypes, ...(step.optionalReferenceTypes ?? [])]) {
      const override = options.overrides.get(type);
      if (override === undefined) wanted.add(type);
      else if (override === 'N/A') answers.set(type, { notApplicable: true });
      else {
        setup.log.info(`Override for ${type.toUpperCase()} reference file is '${override}'.`);
        answers.set(type, { path: override, file: override });
      }
    }
  }
  const types = [...wanted].filter((type) => !answers.has(type));
  if (types.length === 0) return answers;
  for (const best of await setup.references.best(headerTexts(header), types)) {
    if (best.answer === 'file') {
      const path = await setup.references.fetch(best.file);
      setup.log.info(`Prefetch for ${best.type.toUpperCase()} reference file is '${path}'.`);
      answers.set(best.type, { path, file: best.file });
    } else if (best.answer === 'notApplicable' || best.kind === UNLISTED)
      answers.set(best.type, { notApplicable: true });
    else answers.set(best.type, { error: `${best.kind}: ${best.message}` });
  }
  return answers;
};

/** What of the frame decides how a reference is cut. */
const windowKey = ({ header, sciHeader, shape }: Model): string =>
  JSON.stringify([
    shape,
    ...[
      'SUBARRAY',
      'SARRMODE',
      'SUBSTRT1',
      'SUBSTRT2',
      'SUBSIZE1',
      'SUBSIZE2',
      'XSTART',
      'YSTART',
      'XSIZE',
      'YSIZE',
    ].map((keyword) => String(sciHeader.get(keyword) ?? header.get(keyword))),
  ]);

const contextOf = (
  step: StepDescription,
  setup: PipelineSetup,
  answers: ReadonlyMap<string, Answer>,
  model: Model,
  leases: DisposableStack,
): StepContext => ({
  engine: setup.engine,
  log: setup.log,
  async reference(type, open) {
    const answer = answers.get(type);
    if (!answer || 'notApplicable' in answer) return undefined;
    if ('error' in answer) {
      throw new StepError(
        'REFERENCE_NOT_FOUND',
        step.name,
        `No ${type.toUpperCase()} reference for this frame: ${answer.error}. Add a rule for it, or skip step ${step.name}.`,
      );
    }
    const frame = { headers: [model.sciHeader, model.header], shape: model.shape };
    const lease = leases.use(
      await setup.cache.lease(answer.path, (path) => open(setup.engine, path, frame), windowKey(model)),
    );
    setup.log.info(`Using ${type.toUpperCase()} reference file ${answer.path}`);
    writeProvenance(model.header, { references: [{ type, file: answer.file }] });
    return lease.value;
  },
});

/** Why a step does not run, or undefined when it does. */
const reasonToSkip = (
  step: StepDescription,
  options: StepOptions,
  header: Header,
  answers: ReadonlyMap<string, Answer>,
): string | undefined => {
  if (options.skip) return 'skip = True';
  if (stepState(header, step.name) === 'COMPLETE') return 'already COMPLETE';
  for (const type of step.referenceTypes) {
    const answer = answers.get(type);
    if (!answer || 'notApplicable' in answer) return `no ${type.toUpperCase()} reference applies (N/A)`;
  }
  return undefined;
};

/**
 * Runs the steps on a model in order, resolving all references first. Each step's outcome, references and
 * non-default options are recorded in the model's header. A step already COMPLETE is left alone.
 * @throws StepError for unknown options, or for a needed reference that the rules do not find
 */
export const runSteps = async <M extends Model>(
  steps: readonly AnyStep<M>[],
  input: M,
  setup: PipelineSetup,
): Promise<{ readonly model: M; readonly outcomes: readonly StepOutcome[] }> => {
  let model = input;
  checkStepNames(steps, setup.options);
  const plan = steps.map((step) => [step, optionsOf(step, setup.options)] as const);
  const toRun = plan.filter(
    ([step, options]) => !options.skip && stepState(model.header, step.name) !== 'COMPLETE',
  );
  const answers = await resolveReferences(toRun, model.header, setup);
  const around = setup.around ?? ((_step, work) => work());

  if (answers.size > 0)
    model.header.set('CRDS_CTX', await setup.references.context(), 'context that chose the references');
  writeProvenance(model.header, { softwareVersion: VERSION });
  // A step may hand a reference's planes on to a later one, so all stay leased until the last has run.
  using leases = new DisposableStack();
  const outcomes: StepOutcome[] = [];
  for (const [index, [step, options]] of plan.entries()) {
    const started = performance.now();
    const own = parseOptions(step.name, step.spec, options.own);
    const skipped = reasonToSkip(step, options, model.header, answers);
    const end = (state: StepOutcome['state'], reason?: string): void => {
      const outcome = {
        step: step.name,
        state,
        seconds: (performance.now() - started) / 1000,
        ...(reason ? { reason } : {}),
      };
      outcomes.push(outcome);
      setup.progress?.(outcome);
    };
    if (skipped) {
      setup.log.info(`Step ${step.name} skipped: ${skipped}.`);
      for (const type of step.referenceTypes) {
        const answer = answers.get(type);
        if (answer && 'notApplicable' in answer) writeProvenance(model.header, { references: [{ type }] });
      }
      if (skipped !== 'already COMPLETE')
        writeProvenance(model.header, { steps: { [step.name]: 'SKIPPED' } });
      end('SKIPPED', skipped);
      continue;
    }
    const run = steps[index]!;
    const context = contextOf(step, setup, answers, model, leases);
    model = await around(step.name, () => run.process(model, own, context));
    const changed = nonDefaultOptions(step.spec, own).map(([name, value]) => [`${step.name}.${name}`, value]);
    writeProvenance(model.header, {
      steps: { [step.name]: 'COMPLETE' },
      options: Object.fromEntries(changed),
    });
    setup.log.info(`Step ${step.name} done`);
    end('COMPLETE');
  }
  return { model, outcomes };
};
