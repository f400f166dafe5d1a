import { type ClassEntry, named } from './class-entry.ts';

const IRIS = 'iris_pipeline';
const LIGER = 'liger_iris_pipeline';

/** Of the readout stage, beside non-linearity and sampling. */
const DETECTOR_STEPS = {
  dq_init: `${IRIS}.DQInitStep`,
  guide_windows: `${IRIS}.readout.GuideWindowsStep`,
  saturation: 'jwst.saturation.SaturationStep',
  superbias: 'jwst.superbias.SuperBiasStep',
  refpix: 'jwst.refpix.RefPixStep',
  rampdark: `${IRIS}.readout.RampDarkStep`,
  jump: 'jwst.jump.JumpStep',
} as const;

/** Bad pixels are flagged first in every pipeline here. */
const FLAGGING = { dq_init: `${IRIS}.DQInitStep` } as const;

const COMPAT =
  "compat = option('none', 'seed_order', default='none')  # seed_order: backgrounds leave before dark and flat";

/** Classes of pipelines, with the sections of their [steps] in order. */
export const PIPELINE_CLASSES: readonly ClassEntry[] = [
  {
    name: 'image2',
    kind: 'pipeline',
    classes: ['Image2Pipeline', 'ProcessImagerL2Pipeline'].flatMap((name) =>
      named(name, IRIS, `${IRIS}.pipeline`, `${IRIS}.pipeline.image2`),
    ),
    aliases: ['image2', 'calwebb_image2'],
    spec: `
      save_bsub = boolean(default=False)  # Save background-subtracted science
      ${COMPAT}
    `,
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
    extraSteps: FLAGGING,
  },
  {
    name: 'image2',
    kind: 'pipeline',
    classes: named('ImagerStage2Pipeline', LIGER, `${LIGER}.pipeline`, `${LIGER}.pipeline.imager_stage2`),
    aliases: [],
    spec: COMPAT,
    referenceTypes: [],
    steps: {
      parse_subarray_map: `${LIGER}.ParseSubarrayMapStep`,
      dark_sub: `${LIGER}.DarkSubtractionStep`,
      flat_field: `${LIGER}.FlatFieldStep`,
      calc_background: `${LIGER}.CalculateBackgroundImagerStep`,
      background_sub: `${LIGER}.SubtractBackgroundImagerStep`,
      assign_wcs: `${LIGER}.AssignWCSStep`,
    },
    extraSteps: { ...FLAGGING, photom: 'jwst.photom.PhotomStep', resample: 'jwst.resample.ResampleStep' },
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
    extraSteps: FLAGGING,
  },
  {
    name: 'create_flatfield',
    kind: 'pipeline',
    classes: named('CreateFlatfield', LIGER, `${LIGER}.pipeline`, `${LIGER}.pipeline.create_flatfield`),
    aliases: ['create_flatfield'],
    spec: '',
    referenceTypes: [],
    steps: {
      dark_sub: `${LIGER}.DarkSubtractionStep`,
      combine_frames: `${LIGER}.CombineFramesStep`,
      normalize: `${LIGER}.NormalizeStep`,
    },
    extraSteps: FLAGGING,
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
    extraSteps: DETECTOR_STEPS,
  },
  {
    name: 'rop',
    kind: 'pipeline',
    classes: named('Stage1Pipeline', LIGER, `${LIGER}.pipeline`, `${LIGER}.pipeline.stage1`),
    aliases: [],
    spec: '',
    referenceTypes: [],
    steps: { nonlin_corr: `${LIGER}.NonlinearCorrectionStep`, ramp_fit: `${LIGER}.FitRampStep` },
    extraSteps: DETECTOR_STEPS,
  },
  {
    name: 'rop',
    kind: 'pipeline',
    classes: named('Detector1Pipeline', 'jwst.pipeline', 'jwst.pipeline.calwebb_detector1'),
    aliases: ['detector1', 'calwebb_detector1'],
    spec: 'save_calibrated_ramp = boolean(default=False)  # Save the corrected ramp',
    referenceTypes: [],
    steps: {
      dq_init: `${IRIS}.DQInitStep`,
      saturation: 'jwst.saturation.SaturationStep',
      superbias: 'jwst.superbias.SuperBiasStep',
      refpix: 'jwst.refpix.RefPixStep',
      linearity: 'jwst.linearity.LinearityStep',
      dark_current: `${IRIS}.readout.RampDarkStep`,
      jump: 'jwst.jump.JumpStep',
      ramp_fit: 'jwst.ramp_fitting.RampFitStep',
    },
    extraSteps: {
      group_scale: 'jwst.group_scale.GroupScaleStep',
      ipc: 'jwst.ipc.IPCStep',
      persistence: 'jwst.persistence.PersistenceStep',
      gain_scale: 'jwst.gain_scale.GainScaleStep',
    },
  },
];
