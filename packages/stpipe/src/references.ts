import type { ReferenceSource } from '@iris-drs/crds';
import { referenceKeyword, writeProvenance } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import type { Engine } from '@iris-drs/kernels';
import { StepError } from './errors.ts';
import { referenceTypesOf, type StepOptions } from './options.ts';
import type { ReferenceCache } from './reference-cache.ts';
import type { Closable, Model, OpenReference, StepDescription, StepLog } from './step.ts';

/** What is known of a reference before it is opened. */
export type Answer =
  | { readonly kind: 'file'; readonly path: string; readonly overridden: boolean }
  | { readonly kind: 'notApplicable' }
  | { readonly kind: 'missing'; readonly why: string };

/** Answers of a step by reference type. */
export type Answers = ReadonlyMap<string, Answer>;

interface Sources {
  readonly references: ReferenceSource;
  readonly log: StepLog;
}

/** CRDS's error for a type that the rules do not know: caches made for iris_pipeline list few of them. */
const UNLISTED = 'CrdsUnknownReftypeError';

/** Header keywords as the texts that reference rules compare. */
export const headerTexts = (header: Header): Record<string, string> => {
  const texts: Record<string, string> = {};
  for (const { keyword, value } of header.cards) {
    if (value === undefined || value === null || keyword in texts) continue;
    texts[keyword] = typeof value === 'boolean' ? (value ? 'T' : 'F') : String(value);
  }
  return texts;
};

/**
 * References of all steps, found by one question to the rules and fetched before any step starts.
 *
 * @returns  the answers, step by step, and the context of the rules where they were asked
 */
export const resolveReferences = async (
  plan: readonly { readonly step: StepDescription; readonly options: StepOptions }[],
  header: Header,
  { references, log }: Sources,
): Promise<{ readonly answers: readonly Answers[]; readonly context?: string }> => {
  const wanted = new Set(
    plan.flatMap(({ step, options }) =>
      referenceTypesOf(step).filter((type) => !options.overrides.has(type)),
    ),
  );
  const found = new Map<string, Answer>();
  if (wanted.size > 0) {
    for (const best of await references.best(headerTexts(header), [...wanted])) {
      if (best.answer === 'file') {
        const path = await references.fetch(best.file);
        log.info(`Prefetch for ${best.type.toUpperCase()} reference file is '${path}'.`);
        found.set(best.type, { kind: 'file', path, overridden: false });
      } else if (best.answer === 'notApplicable' || best.kind === UNLISTED)
        found.set(best.type, { kind: 'notApplicable' });
      else found.set(best.type, { kind: 'missing', why: `${best.kind}: ${best.message.replace(/\.$/, '')}` });
    }
  }
  const answers = plan.map(({ step, options }) => {
    const own = referenceTypesOf(step).map((type): [string, Answer] => {
      const override = options.overrides.get(type);
      if (override === undefined) return [type, found.get(type) ?? { kind: 'notApplicable' }];
      log.info(`Override for ${type.toUpperCase()} reference file is '${override}'.`);
      return [
        type,
        override === 'N/A' ? { kind: 'notApplicable' } : { kind: 'file', path: override, overridden: true },
      ];
    });
    return new Map(own);
  });
  return { answers, ...(wanted.size > 0 ? { context: await references.context() } : {}) };
};

/** What of the frame decides how a reference is cut. */
const WINDOW = [
  ...['SUBARRAY', 'SUBSTRT1', 'SUBSTRT2', 'SUBSIZE1', 'SUBSIZE2'],
  ...['SARRMODE', 'XSTART', 'YSTART', 'XSIZE', 'YSIZE'],
];

const windowKey = ({ header, sciHeader, shape, strip }: Model): string =>
  JSON.stringify([
    shape,
    strip,
    ...WINDOW.map((keyword) => String(sciHeader.get(keyword) ?? header.get(keyword))),
  ]);

/** R_<TYPE>: `crds://` and the name of a file that the rules chose, the bare name of one that the user did, or N/A. */
const record = (header: Header, type: string, answer: Answer): void => {
  if (answer.kind === 'missing') return;
  const file = answer.kind === 'file' ? answer.path : 'N/A';
  writeProvenance(header, { references: [{ type, file }] });
  if (answer.kind === 'file' && answer.overridden)
    header.set(referenceKeyword(type), file.replace(/^.*\//, ''), `${type} reference, chosen by the user`);
};

export const recordNotApplicable = (header: Header, types: readonly string[], answers: Answers): void => {
  for (const type of types) {
    const answer = answers.get(type);
    if (answer?.kind === 'notApplicable') record(header, type, answer);
  }
};

/** Rules that cannot be read want mending, not another rule. */
const remedyOf = (why: string): string =>
  /^(MappingFormatError|MappingNotFound|ChecksumError|UnsafeName|NotSupported|ReferenceIsPointer)\b/.test(why)
    ? 'Mend the rules (drs refs certify tells what is wrong)'
    : 'Add a rule for it';

interface Opening extends Sources {
  readonly engine: Engine;
  readonly cache: ReferenceCache;
  readonly leases: DisposableStack;
}

/** `StepContext.reference` of one step. */
export const referenceOpener =
  (step: StepDescription, model: Model, answers: Answers, { engine, cache, leases, log }: Opening) =>
  async <R extends Closable>(type: string, open: OpenReference<R>): Promise<R | undefined> => {
    const answer = answers.get(type);
    if (!answer)
      throw new Error(`step ${step.name} asks for ${type}, which is not among its reference types`);
    if (answer.kind === 'missing') {
      throw new StepError(
        'REFERENCE_NOT_FOUND',
        step.name,
        `No ${type.toUpperCase()} reference for this frame: ${answer.why}${/[.!]$/.test(answer.why) ? '' : '.'} ${remedyOf(answer.why)}, or skip step ${step.name}.`,
      );
    }
    record(model.header, type, answer);
    if (answer.kind === 'notApplicable') return undefined;
    const { sciHeader, header, shape, strip } = model;
    const frame = { headers: [sciHeader, header], shape, strip };
    const opened = async (path: string): Promise<R> => {
      const reference = await open(engine, path, frame);
      for (const warning of reference.warnings ?? []) log.warn(`${path}: ${warning}`);
      return reference;
    };
    const lease = leases.use(await cache.lease(answer.path, opened, `${type} ${windowKey(model)}`));
    log.info(`Using ${type.toUpperCase()} reference file ${answer.path}`);
    return lease.value;
  };
