import type { FrameGeometry, Strip } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import type { Engine, Shape2 } from '@iris-drs/kernels';
import type { OptionsOf, Spec } from './spec.ts';

/** An opened reference. */
export interface Closable {
  /** What had to be assumed about the file; logged when it is opened. */
  readonly warnings?: readonly string[];
  close(): void;
}

/** Opens a reference, cut to the frame. */
export type OpenReference<R extends Closable> = (
  engine: Engine,
  path: string,
  frame: FrameGeometry,
) => Promise<R>;

/** Where a step says what it does. The same lines go to stderr offline and to structured logs in a service. */
export interface StepLog {
  info(message: string): void;
  warn(message: string): void;
}

/** What a step is given beside the model and its options. */
export interface StepContext {
  readonly engine: Engine;
  readonly log: StepLog;
  /**
   * The step's reference of this type, opened and cut to the frame; undefined when the rules say that none applies
   * to an optional type. It stays open until the pipeline's last step, and for later frames: do not change or release
   * its planes.
   */
  reference<R extends Closable>(type: string, open: OpenReference<R>): Promise<R | undefined>;
  /** True when the user has chosen the file of this type himself. */
  overridden(type: string): boolean;
  /** Options of a step of the same run; undefined when it is none. What can be done may hang on what follows. */
  optionsOf(step: string): OptionsOf<Spec> | undefined;
  /** Says that there was nothing to be done: the step ends as SKIPPED. */
  skip(reason: string): void;
}

/** Anything a pipeline works on: a frame, or what will be one. */
export interface Model {
  /** Primary header; it records what was done. */
  readonly header: Header;
  readonly sciHeader: Header;
  readonly shape: Shape2;
  /** Where the model is some rows of a frame only. */
  readonly strip?: Strip;
}

/**
 * One step of a pipeline.
 *
 * `referenceTypes` are needed: when the rules answer N/A for any of them the step is SKIPPED.
 * `optionalReferenceTypes` are used when the rules have them.
 */
export interface Step<M extends Model, S extends Spec = Spec> {
  readonly name: string;
  readonly doc: string;
  readonly spec: S;
  readonly referenceTypes: readonly string[];
  readonly optionalReferenceTypes?: readonly string[];
  /**
   * Changes the model in place. A plane that it adds is put into the model it was given before anything can fail, so
   * that whoever closes the model releases it; planes that it does not add are released on every way out.
   */
  process(model: M, options: OptionsOf<S>, context: StepContext): Promise<void>;
}

/** What a step says of itself. */
export type StepDescription = Pick<
  Step<Model>,
  'name' | 'doc' | 'spec' | 'referenceTypes' | 'optionalReferenceTypes'
>;

/** A step whose options' type is no longer of interest: what lists of steps hold. */
export interface AnyStep<M extends Model> extends StepDescription {
  process(model: M, options: OptionsOf<Spec>, context: StepContext): Promise<void>;
}

/** Checks a step's shape where it is defined, keeping the type of its options for `process`. */
export const defineStep = <M extends Model, const S extends Spec>(step: Step<M, S>): AnyStep<M> =>
  step as unknown as AnyStep<M>;
