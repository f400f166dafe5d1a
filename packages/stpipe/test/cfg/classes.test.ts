import { describe, expect, it } from 'vitest';
import { resolveClass } from '../../src/cfg/classes.ts';
import { findClass } from '../../src/index.ts';

describe('class names', () => {
  it.each([
    ['iris_pipeline.pipeline.Image2Pipeline', 'image2', 'Image2Pipeline'],
    ['iris_pipeline.Image2Pipeline', 'image2', 'Image2Pipeline'],
    ['iris_pipeline.pipeline.ProcessImagerL2Pipeline', 'image2', 'ProcessImagerL2Pipeline'],
    ['ProcessImagerL2Pipeline', 'image2', 'ProcessImagerL2Pipeline'],
    ['calwebb_image2', 'image2', 'Image2Pipeline'],
    ['jwst::calwebb_image2', 'image2', 'Image2Pipeline'],
    ['liger_iris_pipeline.ImagerStage2Pipeline', 'image2', 'ImagerStage2Pipeline'],
    ['iris_pipeline.pipeline.PreprocessFlatfield', 'preprocess_flatfield', 'PreprocessFlatfield'],
    ['iris_pipeline.PreprocessFlatfield', 'preprocess_flatfield', 'PreprocessFlatfield'],
    ['iris_pipeline.pipeline.ProcessFlatfieldL2', 'preprocess_flatfield', 'ProcessFlatfieldL2'],
    ['ProcessFlatfieldL2', 'preprocess_flatfield', 'ProcessFlatfieldL2'],
    ['liger_iris_pipeline.pipeline.CreateFlatfield', 'create_flatfield', 'CreateFlatfield'],
    ['iris_pipeline.pipeline.ROPPipeline', 'rop', 'ROPPipeline'],
    ['iris_pipeline.ROPPipeline', 'rop', 'ROPPipeline'],
    ['liger_iris_pipeline.pipeline.Stage1Pipeline', 'rop', 'Stage1Pipeline'],
    ['jwst.flatfield.FlatFieldStep', 'flat_field', 'FlatFieldStep'],
    ['iris_pipeline.flatfield.FlatFieldStep', 'flat_field', 'FlatFieldStep'],
    ['iris_pipeline.FlatFieldStep', 'flat_field', 'FlatFieldStep'],
    ['iris_pipeline.BackgroundStep', 'bkg_subtract', 'BackgroundStep'],
    ['iris_pipeline.SubtractImagesStep', 'subtract_images', 'SubtractImagesStep'],
    ['iris_pipeline.DQInitStep', 'dq_init', 'DQInitStep'],
    ['iris_pipeline.dq_init.DQInitStep', 'dq_init', 'DQInitStep'],
    ['iris_pipeline.NormalizeStep', 'normalize', 'NormalizeStep'],
    ['iris_pipeline.dark_current.dark_current_step.DarkCurrentStep', 'dark_current', 'DarkCurrentStep'],
    ['jwst.assign_wcs.assign_wcs_step.AssignWcsStep', 'assign_wcs', 'AssignWcsStep'],
    ['liger_iris_pipeline.DarkSubtractionStep', 'dark_current', 'DarkSubtractionStep'],
    ['jwst.pipeline.Detector1Pipeline', 'rop', 'Detector1Pipeline'],
    ['calwebb_detector1', 'rop', 'Detector1Pipeline'],
    ['jwst.ramp_fitting.RampFitStep', 'readoutsamp', 'RampFitStep'],
    ['iris_pipeline.pipeline.BackgroundStep', 'bkg_subtract', 'BackgroundStep'],
    ['iris_pipeline.dq_init.no.such.module.DQInitStep', 'dq_init', 'DQInitStep'],
    ['liger_iris_pipeline.readout.FitRampStep', 'readoutsamp', 'FitRampStep'],
  ])('%s is %s', (given, name, className) => {
    expect(findClass(given)).toMatchObject({ name, className });
  });

  it('that nobody knows are told with those that are', () => {
    expect(() => resolveClass('iris_pipeline.pipeline.Image4Pipeline')).toThrow(
      /^'iris_pipeline\.pipeline\.Image4Pipeline' is not a path to a config file or a Step class; pipelines are: iris_pipeline\.Image2Pipeline, /,
    );
  });
});
