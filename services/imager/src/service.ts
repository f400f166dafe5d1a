import {
  describeSteps,
  frameProduct,
  inputOf,
  openWorkbench,
  runPipeline,
  type StageDefinition,
} from '@iris-drs/bus';
import { closeImage, openImage } from '@iris-drs/datamodels';
import type { ImagerFrame } from './frame.ts';
import { imagerPipeline } from './pipeline.ts';
import { writePreview } from './preview.ts';

/** The imager stage: a calibrated science frame (L2a) and its skies in, one reduced frame (L2) out. */
export const imagerStage = async (): Promise<StageDefinition> => {
  const bench = await openWorkbench();
  const { engine } = bench;
  return {
    stage: 'imager',
    level: 'l2',
    suffix: 'cal',
    steps: describeSteps(imagerPipeline),
    async reduce(task, context) {
      const { volume } = context;
      const science = inputOf(task, ({ exptype }) => exptype === 'science');
      const backgrounds = task.inputs
        .filter(({ exptype }) => exptype === 'background')
        .map(({ frame }) => volume.existing(frame?.path ?? ''));
      const opened = await context.step('open', () =>
        openImage(engine, volume.existing(science.frame?.path ?? '')),
      );
      let model: ImagerFrame = { ...opened, backgrounds, remark: task.remark };
      try {
        model = await runPipeline(imagerPipeline, model, task, context, bench);
        const produced = await context.step('save', () =>
          frameProduct(engine, model, task, context, { suffix: 'cal', err: true }),
        );
        const previewPath = await context.step('preview', () =>
          writePreview(volume, produced.frame.path, model.sci),
        );
        return { ...produced, previewPath };
      } finally {
        closeImage(model);
      }
    },
    close: () => bench.close(),
  };
};
