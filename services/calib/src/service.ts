import {
  describeSteps,
  frameProduct,
  inputOf,
  openWorkbench,
  runPipeline,
  type StageDefinition,
} from '@iris-drs/bus';
import { closeImage, openImage } from '@iris-drs/datamodels';
import { calibPipeline } from './pipeline.ts';

/** The calib stage: one raw science frame (L1) in, one dark- and flat-corrected frame (L2a) out. */
export const calibStage = async (): Promise<StageDefinition> => {
  const bench = await openWorkbench();
  const { engine } = bench;
  return {
    stage: 'calib',
    level: 'l2a',
    suffix: 'flt',
    steps: describeSteps(calibPipeline),
    async reduce(task, context) {
      const path = context.volume.existing(inputOf(task).frame?.path ?? '');
      let model = await context.step('open', () => openImage(engine, path));
      try {
        model = await runPipeline(calibPipeline, model, task, context, bench);
        return await context.step('save', () =>
          frameProduct(engine, model, task, context, { suffix: 'flt' }),
        );
      } finally {
        closeImage(model);
      }
    },
    close: () => bench.close(),
  };
};
