import { type ClassEntry, named } from './class-entry.ts';

/** Classes of single steps that only liger_iris_pipeline has, or has with other options. */
export const LIGER_STEP_CLASSES: readonly ClassEntry[] = [
  {
    name: 'dark_current',
    kind: 'step',
    classes: named(
      'DarkSubtractionStep',
      'liger_iris_pipeline',
      'liger_iris_pipeline.dark_subtraction',
      'liger_iris_pipeline.dark_subtraction.dark_step',
    ),
    aliases: ['dark_sub'],
    spec: `
      dark_output_dir = string(default = None)  # Path to save the dark reference
      dark = is_string_or_datamodel(default = None)  # Dark to use in place of the reference
    `,
    referenceTypes: ['dark'],
  },
  {
    name: 'flat_field',
    kind: 'step',
    classes: named(
      'FlatFieldStep',
      'liger_iris_pipeline',
      'liger_iris_pipeline.flatfield',
      'liger_iris_pipeline.flat_field',
      'liger_iris_pipeline.flat_field.flat_field_step',
    ),
    aliases: [],
    spec: `
      flat_output_dir = string(default = None)  # Path to save the flat reference
      flat = is_string_or_datamodel(default = None)  # Flat to use in place of the reference
    `,
    referenceTypes: ['flat'],
  },
  {
    name: 'nonlincorr',
    kind: 'step',
    classes: named(
      'NonlinearCorrectionStep',
      'liger_iris_pipeline',
      'liger_iris_pipeline.readout',
      'liger_iris_pipeline.readout.nonlincorr_step',
    ),
    aliases: ['nonlin_corr'],
    spec: 'nonlin = is_string_or_datamodel(default=None)  # Reference file for nonlinearity correction',
    referenceTypes: [],
  },
  {
    name: 'readoutsamp',
    kind: 'step',
    classes: named(
      'FitRampStep',
      'liger_iris_pipeline',
      'liger_iris_pipeline.readout',
      'liger_iris_pipeline.readout.fit_ramp_step',
    ),
    aliases: ['ramp_fit'],
    spec: `
      method = string(default='ols')  # Ramp fit method: ols or mcds
      num_coadd = integer(default=3)  # The number of coadds for the mcds method
    `,
    referenceTypes: [],
  },
  {
    name: 'combine_frames',
    kind: 'step',
    classes: named(
      'CombineFramesStep',
      'liger_iris_pipeline',
      'liger_iris_pipeline.combine_frames',
      'liger_iris_pipeline.combine_frames.combine_frames_step',
    ),
    aliases: ['combine_frames'],
    spec: `
      method = string(default = 'mean')  # mean, wmean, median or wmedian
      do_sigma_clip = boolean(default = True)  # Whether to do sigma clipping
      sigma_thresh_low = float(default = 4)  # Number of sigma for low outlier rejection
      sigma_thresh_high = float(default = 4)  # Number of sigma for high outlier rejection
      thresh_low = float(default = None)  # Low threshold for outlier rejection
      thresh_high = float(default = None)  # High threshold for outlier rejection
      num_mask_low = integer(default = None)  # Number of low outliers to mask
      num_mask_high = integer(default = None)  # Number of high outliers to mask
      min_batch_size = integer(default = 3)  # Minimum batch size for sigma clipping
      maxiters = integer(default = 50)  # Maximum number of iterations for sigma clipping
      error_calc = string(default = 'measure')  # measure or propagate
    `,
    referenceTypes: [],
  },
  {
    name: 'calc_background',
    kind: 'step',
    classes: named(
      'CalculateBackgroundImagerStep',
      'liger_iris_pipeline',
      'liger_iris_pipeline.background',
      'liger_iris_pipeline.background.calc_background_imager_step',
    ),
    aliases: ['calc_bkg_imager'],
    spec: `
      sigma_low = float(default = 6)  # Number of sigma for outlier rejection
      sigma_high = float(default = 2)  # Number of sigma for outlier rejection
      maxiters = integer(default = 100)  # Maximum number of iterations for outlier rejection
      box_size = integer(default = 101)  # Size of the box for background estimation
      filter_size = integer(default = None)  # Size of the filter for background estimation
    `,
    referenceTypes: [],
  },
  {
    name: 'bkg_subtract',
    kind: 'step',
    classes: named(
      'SubtractBackgroundImagerStep',
      'liger_iris_pipeline',
      'liger_iris_pipeline.background',
      'liger_iris_pipeline.background.subtract_background_imager_step',
    ),
    aliases: ['subtract_bkg'],
    spec: `
      background = is_string_or_datamodel(default=None)  # Image to subtract
      scale = float(default=1.0)  # Scale factor to apply to the background before subtraction
    `,
    referenceTypes: [],
  },
];
