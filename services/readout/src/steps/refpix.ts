import { headerText, openMask } from '@iris-drs/datamodels';
import { defineStep, StepError } from '@iris-drs/stpipe';
import type { ReadoutPlan } from '../plan.ts';
import { borderOf, outputsWithout } from '../refpix/border.ts';
import { measureOffsets, offsetMeter, rememberOffsets } from '../refpix/measure.ts';

const spec = {
  outputs: {
    type: 'integer',
    default: null,
    min: 1,
    max: 64,
    doc: 'Outputs that read stripes of columns side by side; None: NOUTPUTS of header or telemetry',
  },
  odd_even_columns: { type: 'boolean', default: true, doc: 'Odd and even columns apart' },
  use_side_ref_pixels: {
    type: 'boolean',
    default: false,
    doc: 'Subtract row by row what the side pixels say',
  },
  side_smoothing_length: {
    type: 'integer',
    default: 11,
    min: 1,
    doc: 'Rows of the running median over side pixels, odd',
  },
  side_gain: { type: 'float', default: 1, doc: 'Factor of what the side pixels say' },
} as const;

const outputsOf = ({ header }: ReadoutPlan, given: number | null): number | undefined => {
  const said = given ?? header.get('NOUTPUTS');
  return typeof said === 'number' && said >= 1 ? said : undefined;
};

/** SUBARRAY, or SARRMODE of IRIS's reads. */
const isSubarray = ({ header, sciHeader }: ReadoutPlan): boolean => {
  const said = (keyword: string) => headerText([sciHeader, header], keyword)?.toUpperCase();
  return !['FULL', 'GENERIC'].includes(said('SUBARRAY') ?? 'FULL') || said('SARRMODE') === 'SUB_ARRAY';
};

/**
 * Levels of the outputs in each read, from the reference pixels that the MASK knows (REFERENCE_PIXEL; those with
 * DO_NOT_USE or BAD_REF_PIXEL are left out), bias subtracted. They are subtracted from every read before the
 * non-linearity.
 *
 * @see columnOffsets, rowOffsets
 */
export const refpix = defineStep<ReadoutPlan, typeof spec>({
  name: 'refpix',
  doc: 'Subtract what the reference pixels say of each output in each read',
  spec,
  referenceTypes: [],
  optionalReferenceTypes: ['mask'],
  async process(plan, options, { engine, reference, skip, log }) {
    const { ramp, shape } = plan;
    const outputs = outputsOf(plan, options.outputs);
    if (outputs === undefined) return skip('nobody says how many outputs the detector has (NOUTPUTS)');
    const noWholeOutputs = 'a subarray has no whole outputs';
    if (isSubarray(plan)) return skip(noWholeOutputs);
    if (options.side_smoothing_length % 2 === 0) {
      throw new StepError(
        'STEP_OPTION_TYPE',
        'refpix',
        `side_smoothing_length is ${options.side_smoothing_length}; expected an odd number of rows.`,
      );
    }
    const mask = await reference('mask', openMask);
    if (!mask) return skip('no MASK reference applies (N/A)');
    if (!mask.whole) return skip(noWholeOutputs);
    const border = borderOf(mask.dq);
    if (border.bottom + border.top === 0) return skip('the mask has no rows of reference pixels');
    const lost = outputsWithout(mask.dq, border, outputs);
    if (lost === outputs) return skip('the mask says DO_NOT_USE or BAD_REF_PIXEL of all reference pixels');
    if (shape[1] % outputs !== 0) {
      const found = `${outputs} outputs for ${shape[1]} columns`;
      throw new StepError('STEP_INPUT', 'refpix', `${found}; expected stripes of equal width. Set outputs.`);
    }
    if (lost > 0)
      log.warn(`${lost} of ${outputs} outputs have no reference pixel of use and are left as they are`);
    const side = options.use_side_ref_pixels && border.left + border.right > 0;
    if (options.use_side_ref_pixels && !side) log.warn('the mask has no columns of reference pixels');
    const how = {
      outputs,
      oddEven: options.odd_even_columns,
      sideWindow: side ? options.side_smoothing_length : undefined,
      sideGain: options.side_gain,
    };
    const fresh = offsetMeter(engine, shape, border, mask.dq, plan.bias, how);
    const measure = rememberOffsets(plan.live.offsets, mask.dq, plan.bias, how, fresh);
    plan.refpix = { ...(await measureOffsets(ramp.reads.flat(), shape, measure)), measure };
  },
});
