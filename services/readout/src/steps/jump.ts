import type { JumpSpec, LargeEvents } from '@iris-drs/kernels';
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
  expand_large_events: { type: 'boolean', default: false, doc: 'Find snowballs and flag them grown' },
  min_jump_area: { type: 'float', default: 5, min: 1, doc: 'Pixels of jumps that may be a snowball' },
  min_sat_area: { type: 'float', default: 1, min: 1, doc: 'Newly saturated pixels in its middle' },
  expand_factor: { type: 'float', default: 2, min: 1, doc: 'Factor by which a snowball grows' },
  sat_required_snowball: {
    type: 'boolean',
    default: true,
    doc: 'Only jumps about a saturated core are a snowball',
  },
  min_sat_radius_extend: {
    type: 'float',
    default: 2.5,
    min: 0,
    doc: 'Minor axis from which on a saturated core grows (pixels)',
  },
  sat_expand: { type: 'integer', default: 2, min: 0, doc: 'Pixels by which the radius of a core grows' },
  edge_size: {
    type: 'integer',
    default: 25,
    min: 0,
    doc: 'Pixels from the edge within which a snowball needs no core',
  },
  max_extended_radius: { type: 'integer', default: 200, min: 1, doc: 'Largest radius that is flagged' },
  time_masked_after_snowball: {
    type: 'float',
    default: 0,
    min: 0,
    doc: 'Seconds for which a grown snowball stays flagged',
  },
  mask_snowball_core_next_int: {
    type: 'boolean',
    default: true,
    doc: 'Cores are flagged in the next ramp too',
  },
  snowball_time_masked_next_int: {
    type: 'integer',
    default: 4000,
    min: 0,
    doc: 'Seconds since its reset for which they are',
  },
} as const;

const largeOf = (options: OptionsOf<typeof spec>): LargeEvents => ({
  minJumpArea: options.min_jump_area,
  minSaturatedArea: options.min_sat_area,
  expand: options.expand_factor,
  saturated: options.sat_required_snowball,
  minCore: options.min_sat_radius_extend,
  expandCore: options.sat_expand,
  edge: options.edge_size,
  maxRadius: options.max_extended_radius,
  seconds: options.time_masked_after_snowball,
  nextRampSeconds: options.mask_snowball_core_next_int ? options.snowball_time_masked_next_int : 0,
});

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
  ...(options.expand_large_events ? { large: largeOf(options) } : {}),
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
