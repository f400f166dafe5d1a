import type { ImageModel } from '@iris-drs/datamodels';
import type { Engine } from '@iris-drs/kernels';
import { defineStep, StepError } from '@iris-drs/stpipe';
import { halfSampleMode } from '../half-sample-mode.ts';

const spec = {
  method: {
    type: 'option',
    choices: ['median', 'mean', 'mode'],
    default: 'median',
    doc: 'What becomes 1: median, mean or mode (half-sample mode) of the pixels without any flag',
  },
} as const;

/** Any flag at all keeps a pixel out, as in iris_pipeline. */
const ANY_FLAG = 0xffffffff;

const factorOf = async (
  engine: Engine,
  { sci, dq }: ImageModel,
  method: string,
): Promise<{ readonly factor: number; readonly count: number }> => {
  const good = { dq, mask: ANY_FLAG };
  if (method === 'median') {
    const { values, count } = await engine.quantiles(sci, [0.5], good);
    return { factor: values[0] ?? Number.NaN, count };
  }
  if (method === 'mean') {
    const { mean, count } = await engine.statistics(sci, good);
    return { factor: mean, count };
  }
  const used = sci.data.filter((value, i) => dq.data[i] === 0 && Number.isFinite(value)).sort();
  return { factor: halfSampleMode(used), count: used.length };
};

/**
 * Division of a frame by its own median, mean or mode, so that a flat is about 1: SCI / f, variances / f². Pixels
 * with any flag and NaN do not enter f. The result has no unit.
 *
 * The seed's chapter 16.2.5.
 */
export const normalize = defineStep<ImageModel, typeof spec>({
  name: 'normalize',
  doc: 'Divide the frame by its own median, mean or mode',
  spec,
  referenceTypes: [],
  async process(model, { method }, { engine, log, skip }) {
    const { factor, count } = await factorOf(engine, model, method);
    if (count === 0) return skip('no pixel of the frame is without flags');
    if (!(factor > 0 && Number.isFinite(factor))) {
      throw new StepError(
        'STEP_INPUT',
        'normalize',
        `The ${method} of ${count} pixels is ${factor}; expected a number above 0. Is the dark the right one?`,
      );
    }
    const { sci, varPoisson, varRnoise, varFlat } = model;
    const variances = [varPoisson, varRnoise, ...(varFlat ? [varFlat] : [])];
    await engine.divideValue({ sci, value: factor, variances });
    Object.assign(model, { units: '' });
    model.sciHeader.delete('BUNIT');
    model.header.set('NORMMETH', method, 'what the frame was divided by');
    model.header.set('NORMFACT', factor, '[DN/s] its value');
    log.info(`divided by the ${method} of ${count} pixels, ${factor}`);
  },
});
