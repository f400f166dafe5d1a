import { type ClassEntry, named } from './class-entry.ts';

const CLIPPING = `
  sigma = float(default=3.0)  # Clipping threshold
  maxiters = integer(default=None)  # Number of clipping iterations
`;

/** Classes of single steps of iris_pipeline and jwst. */
export const STEP_CLASSES: readonly ClassEntry[] = [
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
    spec: `${CLIPPING}
      background = is_string_or_datamodel(default=None)  # Image to subtract as it is, in place of the members
    `,
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
    name: 'create_mask',
    kind: 'step',
    classes: ['iris_drs.CreateMask'],
    aliases: ['create_mask'],
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
    name: 'readoutsamp',
    kind: 'step',
    classes: named('ReadoutsampStep', 'iris_pipeline.readout', 'iris_pipeline.readout.readoutsamp_step'),
    aliases: ['readoutsamp'],
    spec: `${CLIPPING}  mode = string(default='utr')  # utr, mcds or cds`,
    referenceTypes: [],
  },
  {
    name: 'nonlincorr',
    kind: 'step',
    classes: named('LinearityStep', 'jwst.linearity', 'jwst.linearity.linearity_step'),
    aliases: ['linearity'],
    spec: '',
    referenceTypes: [],
  },
  {
    name: 'readoutsamp',
    kind: 'step',
    classes: named('RampFitStep', 'jwst.ramp_fitting', 'jwst.ramp_fitting.ramp_fit_step'),
    aliases: [],
    spec: `
      int_name = string(default='')  # File of the integrations
      save_opt = boolean(default=False)  # Save optional output
      opt_name = string(default='')  # File of the optional output
      suppress_one_group = boolean(default=True)  # No slope where only the first group is good
      maximum_cores = string(default='none')  # Processes
    `,
    referenceTypes: [],
  },
  ...(
    [
      ['guide_windows', 'GuideWindowsStep', 'iris_pipeline.readout'],
      ['saturation', 'SaturationStep', 'jwst.saturation'],
      ['superbias', 'SuperBiasStep', 'jwst.superbias'],
      ['refpix', 'RefPixStep', 'jwst.refpix'],
      ['rampdark', 'RampDarkStep', 'iris_pipeline.readout'],
      ['jump', 'JumpStep', 'jwst.jump'],
      ['group_scale', 'GroupScaleStep', 'jwst.group_scale'],
      ['ipc', 'IPCStep', 'jwst.ipc'],
      ['persistence', 'PersistenceStep', 'jwst.persistence'],
      ['gain_scale', 'GainScaleStep', 'jwst.gain_scale'],
    ] as const
  ).map(
    ([name, className, module]): ClassEntry => ({
      ...{ name, kind: 'step', aliases: [name], spec: '', referenceTypes: [] },
      classes: named(className, module, `${module}.${name}_step`),
    }),
  ),
];
