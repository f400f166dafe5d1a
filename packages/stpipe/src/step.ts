import type { FrameGeometry } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import type { Engine, Shape2 } from '@iris-drs/kernels';
import type { OptionsOf, Spec } from './spec.ts';

export interface Closable {
  close(): void;
}

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
   * to an optional type. Opened references stay open across frames: do not change or release their planes.
   */
  reference<R extends Closable>(
    type: string,
    open: (engine: Engine, path: string, frame: FrameGeometry) => Promise<R>,
  ): Promise<R | undefined>;
}

/** Anything a pipeline works on: a frame, or what will be one. */
export interface Model {
  /** Primary header; it records what was done. */
  readonly header: Header;
  readonly sciHeader: Header;
  readonly shape: Shape2;
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
  /** Works in place where it can; returns the model with what it added. */
  process(model: M, options: OptionsOf<S>, context: StepContext): Promise<M>;
}

/** What a step says of itself. */
export type StepDescription = Pick<
  Step<Model>,
  'name' | 'doc' | 'spec' | 'referenceTypes' | 'optionalReferenceTypes'
>;

/** A step whose options' type is no longer of interest: what lists of steps hold. */
export interface AnyStep<M extends Model> extends StepDescription {
  process(model: M, options: OptionsOf<Spec>, context: StepContext): Promise<M>;
}

/** Checks a step's shape where it is defined, keeping the type of its options for `process`. */
export const defineStep = <M extends Model, const S extends Spec>(step: Step<M, S>): AnyStep<M> =>
  step as unknown as AnyStep<M>;
