/**
 * Class names that users have in their .cfg files and on their command lines, and what they stand for here.
 *
 * Sources: iris_pipeline 0.2.0 (manual, chapter 16) to 0.5 (bce4533), liger_iris_pipeline (3d0ac2e), jwst 0.17 for
 * the three steps that iris_pipeline takes from there. `spec` holds every option of those classes, so that old files
 * are accepted whole; options that our step lacks are reported as without effect.
 */
export interface ClassEntry {
  /** Pipeline or step of ours. */
  readonly name: string;
  readonly kind: 'pipeline' | 'step';
  /** Full names; the part behind the last dot alone is known too. */
  readonly classes: readonly string[];
  /** stpipe's class aliases. */
  readonly aliases: readonly string[];
  readonly spec: string;
  readonly referenceTypes: readonly string[];
  /** Of a pipeline, in order: name of the section, full name of the class. */
  readonly steps?: Readonly<Record<string, string>>;
}

/** `module` under a package, with the deeper module in which the class is defined. */
const named = (name: string, ...modules: readonly string[]): string[] =>
  modules.map((module) => `${module}.${name}`);

const CLIPPING = `
  sigma = float(default=3.0)  # Clipping threshold
  maxiters = integer(default=None)  # Number of clipping iterations
`;

const STEPS: readonly ClassEntry[] = [
  {
    name: 'bkg_subtract',
    kind: 'step',
    classes: [
      ...named('BackgroundStep', 'iris_pipeline', 'iris_pipeline.background', 'jwst.background'),
      ...named(
        'BackgroundStep',
        'iris_pipeline.background.background_step',
        'jwst.background.background_step',
      ),
    ],
    aliases: ['bkg_subtract', 'background'],
    spec: CLIPPING,
    referenceTypes: [],
  },
  {
    name: 'subtract_images',
    kind: 'step',
    classes: named(
      'SubtractImagesStep',
      'iris_pipeline',
      'iris_pipeline.background',
      'iris_pipeline.background.subtract_images_step',
    ),
    aliases: ['subtract_images'],
    spec: '',
    referenceTypes: [],
  },
  {
    name: 'dq_init',
    kind: 'step',
    classes: named(
      'DQInitStep',
      'iris_pipeline',
      'iris_pipeline.dq_init',
      'iris_pipeline.dq_init.dq_init_step',
      'liger_iris_pipeline',
      'liger_iris_pipeline.dq_init',
      'liger_iris_pipeline.dq_init.dq_init_step',
      'jwst.dq_init',
    ),
    aliases: ['dq_init'],
    spec: '',
    referenceTypes: ['mask'],
  },
  {
    name: 'dark_current',
    kind: 'step',
    classes: named(
      'DarkCurrentStep',
      'iris_pipeline',
      'iris_pipeline.dark_current',
      'iris_pipeline.dark_current.dark_current_step',
      'jwst.dark_current',
    ),
    aliases: ['dark_current'],
    spec: 'dark_output = output_file(default = None)  # Dark model subtracted',
    referenceTypes: ['dark'],
  },
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
      'iris_pipeline',
      'iris_pipeline.flatfield',
      'iris_pipeline.flatfield.flat_field_step',
      'jwst.flatfield',
      'jwst.flatfield.flat_field_step',
    ),
    aliases: ['flat_field'],
    spec: 'flat_suffix = string(default=None)  # Suffix of interpolated flats (spectrographs of JWST only)',
    referenceTypes: ['flat'],
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
    name: 'normalize',
    kind: 'step',
    classes: named(
      'NormalizeStep',
      'iris_pipeline',
      'iris_pipeline.normalize',
      'iris_pipeline.normalize.normalize_step',
      'liger_iris_pipeline',
      'liger_iris_pipeline.normalize',
      'liger_iris_pipeline.normalize.normalize_step',
    ),
    aliases: ['normalize'],
    spec: `
      method = string(default='median')  # median, mean or mode
      dark_output = output_file(default = None)  # Dark model subtracted
    `,
    referenceTypes: [],
  },
  {
    name: 'parse_subarray_map',
    kind: 'step',
    classes: named(
      'ParseSubarrayMapStep',
      'iris_pipeline',
      'iris_pipeline.parse_subarray_map',
      'iris_pipeline.parse_subarray_map.parse_subarray_map_step',
      'liger_iris_pipeline',
      'liger_iris_pipeline.parse_subarray_map',
      'liger_iris_pipeline.parse_subarray_map.parse_subarray_map_step',
    ),
    aliases: ['parse_subarray_map', 'parse_subarrays'],
    spec: '',
    referenceTypes: [],
  },
  {
    name: 'merge_subarrays',
    kind: 'step',
    classes: named(
      'MergeSubarraysStep',
      'iris_pipeline',
      'iris_pipeline.merge_subarrays',
      'iris_pipeline.merge_subarrays.merge_subarrays',
      'liger_iris_pipeline',
      'liger_iris_pipeline.merge_subarrays',
      'liger_iris_pipeline.merge_subarrays.merge_subarrays_step',
    ),
    aliases: ['merge_subarrays'],
    spec: '',
    referenceTypes: [],
  },
  {
    name: 'assign_wcs',
    kind: 'step',
    classes: [
      ...named(
        'AssignWcsStep',
        'iris_pipeline',
        'iris_pipeline.assign_wcs',
        'iris_pipeline.assign_wcs.assign_wcs_step',
        'jwst.assign_wcs',
        'jwst.assign_wcs.assign_wcs_step',
      ),
      ...named(
        'AssignWCSStep',
        'liger_iris_pipeline',
        'liger_iris_pipeline.assign_wcs',
        'liger_iris_pipeline.assign_wcs.assign_wcs_step',
      ),
    ],
    aliases: ['assign_wcs'],
    spec: `
      slit_y_low = float(default=-.55)  # The lower edge of a slit (JWST only)
      slit_y_high = float(default=.55)  # The upper edge of a slit (JWST only)
    `,
    referenceTypes: [],
  },
  {
    name: 'photom',
    kind: 'step',
    classes: named('PhotomStep', 'jwst.photom', 'jwst.photom.photom_step'),
    aliases: ['photom'],
    spec: `
      inverse = boolean(default=False)  # Invert the operation
      source_type = string(default=None)  # Process as specified source type
    `,
    referenceTypes: [],
  },
  {
    name: 'resample',
    kind: 'step',
    classes: named('ResampleStep', 'jwst.resample', 'jwst.resample.resample_step'),
    aliases: ['resample'],
    spec: `
      pixfrac = float(default=1.0)  # Change back to None when drizpar reference files are updated
      kernel = string(default='square')  # Kernel
      fillval = string(default='INDEF')  # Value of pixels without data
      weight_type = option('ivm', 'exptime', default='ivm')  # Weighting
      pixel_scale_ratio = float(default=1.0)  # Ratio of input to output pixel scale
      single = boolean(default=False)  # One output per input
      blendheaders = boolean(default=True)  # Blend the headers of the inputs
      allowed_memory = float(default=None)  # Fraction of memory to use for the combined image
    `,
    referenceTypes: [],
  },
  {
    name: 'nonlincorr',
    kind: 'step',
    classes: named('NonlincorrStep', 'iris_pipeline.readout', 'iris_pipeline.readout.nonlincorr_step'),
    aliases: ['nonlincorr'],
    spec: CLIPPING,
    referenceTypes: ['nonlincoeff'],
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
    classes: named('ReadoutsampStep', 'iris_pipeline.readout', 'iris_pipeline.readout.readoutsamp_step'),
    aliases: ['readoutsamp'],
    spec: `${CLIPPING}  mode = string(default='utr')  # utr, mcds or cds`,
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

const IRIS = 'iris_pipeline';
const LIGER = 'liger_iris_pipeline';

const PIPELINES: readonly ClassEntry[] = [
  {
    name: 'image2',
    kind: 'pipeline',
    classes: ['Image2Pipeline', 'ProcessImagerL2Pipeline'].flatMap((name) =>
      named(name, IRIS, `${IRIS}.pipeline`, `${IRIS}.pipeline.image2`),
    ),
    aliases: ['image2', 'calwebb_image2'],
    spec: 'save_bsub = boolean(default=False)  # Save background-subtracted science',
    referenceTypes: [],
    steps: {
      bkg_subtract: `${IRIS}.BackgroundStep`,
      assign_wcs: 'jwst.assign_wcs.AssignWcsStep',
      parse_subarray_map: `${IRIS}.ParseSubarrayMapStep`,
      dark_current: `${IRIS}.DarkCurrentStep`,
      flat_field: `${IRIS}.FlatFieldStep`,
      photom: 'jwst.photom.PhotomStep',
      resample: 'jwst.resample.ResampleStep',
    },
  },
  {
    name: 'image2',
    kind: 'pipeline',
    classes: named('ImagerStage2Pipeline', LIGER, `${LIGER}.pipeline`, `${LIGER}.pipeline.imager_stage2`),
    aliases: [],
    spec: '',
    referenceTypes: [],
    steps: {
      parse_subarray_map: `${LIGER}.ParseSubarrayMapStep`,
      dark_sub: `${LIGER}.DarkSubtractionStep`,
      flat_field: `${LIGER}.FlatFieldStep`,
      calc_background: `${LIGER}.CalculateBackgroundImagerStep`,
      background_sub: `${LIGER}.SubtractBackgroundImagerStep`,
      assign_wcs: `${LIGER}.AssignWCSStep`,
    },
  },
  {
    name: 'preprocess_flatfield',
    kind: 'pipeline',
    classes: ['PreprocessFlatfield', 'ProcessFlatfieldL2'].flatMap((name) =>
      named(name, IRIS, `${IRIS}.pipeline`, `${IRIS}.pipeline.preprocess_flatfield`),
    ),
    aliases: ['preprocess_flatfield'],
    spec: '',
    referenceTypes: [],
    steps: { dark_current: `${IRIS}.DarkCurrentStep`, normalize: `${IRIS}.NormalizeStep` },
  },
  {
    name: 'preprocess_flatfield',
    kind: 'pipeline',
    classes: named('CreateFlatfield', LIGER, `${LIGER}.pipeline`, `${LIGER}.pipeline.create_flatfield`),
    aliases: [],
    spec: '',
    referenceTypes: [],
    steps: {
      dark_sub: `${LIGER}.DarkSubtractionStep`,
      combine_frames: `${LIGER}.CombineFramesStep`,
      normalize: `${LIGER}.NormalizeStep`,
    },
  },
  {
    name: 'create_dark',
    kind: 'pipeline',
    classes: named('CreateDark', LIGER, `${LIGER}.pipeline`, `${LIGER}.pipeline.create_dark`),
    aliases: ['create_dark'],
    spec: '',
    referenceTypes: [],
    steps: { combine_frames: `${LIGER}.CombineFramesStep` },
  },
  {
    name: 'rop',
    kind: 'pipeline',
    classes: named('ROPPipeline', IRIS, `${IRIS}.pipeline`, `${IRIS}.pipeline.rop`),
    aliases: ['rop'],
    spec: 'save_calibrated_ramp = boolean(default=False)  # Save the corrected ramp',
    referenceTypes: [],
    steps: {
      nonlincorr: `${IRIS}.readout.NonlincorrStep`,
      readoutsamp: `${IRIS}.readout.ReadoutsampStep`,
    },
  },
  {
    name: 'rop',
    kind: 'pipeline',
    classes: named('Stage1Pipeline', LIGER, `${LIGER}.pipeline`, `${LIGER}.pipeline.stage1`),
    aliases: [],
    spec: '',
    referenceTypes: [],
    steps: { nonlin_corr: `${LIGER}.NonlinearCorrectionStep`, ramp_fit: `${LIGER}.FitRampStep` },
  },
];

export const CLASS_TABLE: readonly ClassEntry[] = [...PIPELINES, ...STEPS];
