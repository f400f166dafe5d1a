import { closeImage, type ImageModel, openImage } from '@iris-drs/datamodels';
import { defineStep, StepError } from '@iris-drs/stpipe';

/** A frame and the file of the one to be subtracted from it. */
export interface FrameAndOther extends ImageModel {
  readonly other: string;
}

/**
 * One exposure minus another: A − B, variances added, flags joined.
 *
 * The seed's chapter 16.2.7.
 */
export const subtractImages = defineStep<FrameAndOther, Record<never, never>>({
  name: 'subtract_images',
  doc: 'Subtract one exposure from another',
  spec: {},
  referenceTypes: [],
  async process(model, _options, { engine, log }) {
    const other = await openImage(engine, model.other);
    using _held = { [Symbol.dispose]: () => closeImage(other) };
    for (const warning of other.warnings) log.warn(`${model.other}: ${warning}`);
    if (other.shape[0] !== model.shape[0] || other.shape[1] !== model.shape[1]) {
      throw new StepError(
        'STEP_INPUT',
        'subtract_images',
        `${model.other} has [${other.shape.join(', ')}] pixels; expected [${model.shape.join(', ')}] as the first input.`,
      );
    }
    const flat = model.varFlat && other.varFlat;
    await engine.subtractPlane({
      ...{ sci: model.sci, minus: other.sci, dq: model.dq, minusDq: other.dq },
      variances: [
        { to: model.varPoisson, add: other.varPoisson },
        { to: model.varRnoise, add: other.varRnoise },
        ...(flat ? [{ to: model.varFlat, add: flat }] : []),
      ],
    });
  },
});
