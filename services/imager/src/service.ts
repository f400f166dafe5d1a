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
import type { ImagerFrame } from './frame.ts';
import { imagerPipeline } from './pipeline.ts';
import { writePreview } from './preview.ts';

const reduce = async (task: Task, context: StageContext, bench: Workbench): Promise<ProducedFrame> => {
  const { volume } = context;
  const { engine } = bench;
  const science = inputOf(task, ({ exptype }) => exptype === 'science');
  const backgrounds = task.inputs
    .filter(({ exptype }) => exptype === 'background')
    .map(({ frame }) => volume.existing(frame?.path ?? ''));
  const opened = await context.step('open', () =>
    openImage(engine, volume.existing(science.frame?.path ?? '')),
  );
  const model: ImagerFrame = { ...opened, backgrounds, remark: task.remark };
  try {
    await runPipeline(imagerPipeline, model, task, context, bench);
    const produced = await context.step('save', () =>
      frameProduct(engine, model, task, context, { suffix: 'cal', err: true }),
    );
    const previewPath = await context.step('preview', () =>
      writePreview(volume.resolve(produced.frame.path), model.sci),
    );
    return { ...produced, previewPath: volume.toRelative(previewPath) };
  } finally {
    closeImage(model);
  }
};

/** The imager stage: a calibrated science frame (L2a) and its skies in, one reduced frame (L2) out. */
export const imagerStage = async (): Promise<StageDefinition> => {
  const bench = await openWorkbench();
  return {
    stage: 'imager',
    level: 'l2',
    suffix: 'cal',
    steps: describeSteps(imagerPipeline),
    reduce: (task, context) => withRoom(bench.cache, () => reduce(task, context, bench)),
    close: () => bench.close(),
  };
};
