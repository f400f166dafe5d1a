import {
  describeSteps,
  frameProduct,
  inputOf,
  openWorkbench,
  type ProducedFrame,
  runPipeline,
  type StageContext,
  type StageDefinition,
  type Workbench,
} from '@iris-drs/bus';
import { closeImage, openImage } from '@iris-drs/datamodels';
import type { Task } from '@iris-drs/proto';
import { withRoom } from '@iris-drs/stpipe';
import { calibPipeline } from './pipeline.ts';

const reduce = async (task: Task, context: StageContext, bench: Workbench): Promise<ProducedFrame> => {
  const path = context.volume.existing(inputOf(task).frame?.path ?? '');
  const model = await context.step('open', () => openImage(bench.engine, path));
  try {
    await runPipeline(calibPipeline, model, task, context, bench);
    return await context.step('save', () =>
      frameProduct(bench.engine, model, task, context, { suffix: 'flt' }),
    );
  } finally {
    closeImage(model);
  }
};

/** The calib stage: one raw science frame (L1) in, one dark- and flat-corrected frame (L2a) out. */
export const calibStage = async (): Promise<StageDefinition> => {
  const bench = await openWorkbench();
  return {
    stage: 'calib',
    level: 'l2a',
    suffix: 'flt',
    steps: describeSteps(calibPipeline),
    reduce: (task, context) => withRoom(bench.cache, () => reduce(task, context, bench)),
    close: () => bench.close(),
  };
};
