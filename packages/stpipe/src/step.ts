import type { Header } from '@iris-drs/fits';
import type { Engine } from '@iris-drs/kernels';
import type { OptionsOf, Spec } from './spec.ts';

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
   * The step's reference of this type, opened; undefined when the rules say that none applies to an optional type.
   * Opened references stay open across frames: do not change or release their planes. `variant` names what of
   * the file is opened (a window, say), where that differs between frames.
   */
  reference<R extends Disposable>(
    type: string,
    open: (engine: Engine, path: string) => Promise<R>,
    variant?: string,
  ): Promise<R | undefined>;
}

/** Anything a pipeline works on: it has a primary header that records what was done. */
export interface Model {
  readonly header: Header;
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
  process(model: M, options: OptionsOf<S>, context: StepContext): Promise<void>;
}

/** A step whose options' type is no longer of interest: what lists of steps hold. */
export interface AnyStep<M extends Model> {
  readonly name: string;
  readonly doc: string;
  readonly spec: Spec;
  readonly referenceTypes: readonly string[];
  readonly optionalReferenceTypes?: readonly string[];
  process(model: M, options: OptionsOf<Spec>, context: StepContext): Promise<void>;
}

/** Checks a step's shape where it is defined, keeping the type of its options for `process`. */
export const defineStep = <M extends Model, const S extends Spec>(step: Step<M, S>): AnyStep<M> =>
  step as unknown as AnyStep<M>;
