import type { JumpSpec } from '@iris-drs/kernels';
import { defineStep, type OptionsOf } from '@iris-drs/stpipe';
import { ONLY_FITS, willSum } from '../method.ts';
import type { ReadoutPlan } from '../plan.ts';

const spec = {
  rejection_threshold: {
    type: 'float',
    default: null,
    min: 0,
    doc: 'σ above which a difference is a jump; None: 4, for likely 4.5',
  },
  four_group_rejection_threshold: { type: 'float', default: 5, min: 0, doc: 'σ with three differences left' },
  three_group_rejection_threshold: { type: 'float', default: 6, min: 0, doc: 'σ with two differences left' },
  flag_4_neighbors: { type: 'boolean', default: true, doc: 'Share jumps with the four neighbours (ols)' },
  min_jump_to_flag_neighbors: { type: 'float', default: 10, doc: 'σ from which on a jump is shared' },
  max_jump_to_flag_neighbors: { type: 'float', default: 1000, doc: 'σ up to which a jump is shared' },
  after_jump_flag_dn1: {
    type: 'float',
    default: 0,
    min: 0,
    doc: 'DN of a jump after which reads are flagged',
  },
  after_jump_flag_time1: { type: 'float', default: 0, min: 0, doc: 'Seconds for which they are' },
  after_jump_flag_dn2: { type: 'float', default: 0, min: 0, doc: 'A second such limit, DN' },
  after_jump_flag_time2: { type: 'float', default: 0, min: 0, doc: 'Its seconds' },
} as const;

const specOf = (options: OptionsOf<typeof spec>): JumpSpec => ({
  ...(options.rejection_threshold === null ? {} : { rejection: options.rejection_threshold }),
  fourReads: options.four_group_rejection_threshold,
  threeReads: options.three_group_rejection_threshold,
  neighbours: options.flag_4_neighbors && {
    min: options.min_jump_to_flag_neighbors,
    max: options.max_jump_to_flag_neighbors,
  },
  after: [
    { threshold: options.after_jump_flag_dn1, seconds: options.after_jump_flag_time1 },
    { threshold: options.after_jump_flag_dn2, seconds: options.after_jump_flag_time2 },
  ].filter(({ seconds }) => seconds > 0),
});

/**
 * Cosmic rays and other jumps: for `ols` by two-point differences against their median, for `likely` jointly with the
 * fit. A weighted sum of reads cannot leave out a read of one pixel, so with cds, mcds and utr the step is SKIPPED.
 *
 * stcal `jump`; Brandt 2024b, PASP 136, 045005.
 */
export const jump = defineStep<ReadoutPlan, typeof spec>({
  name: 'jump',
  doc: 'Find jumps between reads (ols, likely)',
  spec,
  referenceTypes: [],
  async process(plan, options, { skip, optionsOf }) {
    if (willSum(optionsOf)) return skip(ONLY_FITS);
    plan.fit.jump = specOf(options);
  },
});
