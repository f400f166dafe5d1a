import type { StageContext } from '@iris-drs/bus';
import {
  describeSteps,
  frameProduct,
  inputOf,
  openWorkbench,
  runPipeline,
  type StageDefinition,
  type Workbench,
} from '@iris-drs/bus';
import {
  closeImage,
  type ImageModel,
  keywordsFromTelemetry,
  openImage,
  openRamp,
} from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import type { Keyword, Task } from '@iris-drs/proto';
import { readoutPipeline } from './pipeline.ts';
import { planOf } from './plan.ts';

/** Telemetry keywords into the header; what the reads themselves say stands. */
const addKeywords = (header: Header, keywords: readonly Keyword[]): void => {
  for (const { name, value, comment } of keywords) {
    if (value === undefined || header.has(name)) continue;
    header.set(name, value.value, comment);
  }
};

/** How many of the detector's telemetry keywords the snapshot could not give. */
const missingKeywords = ({ detector, keywords }: Task): number => {
  const given = new Set(keywords.map(({ name }) => name));
  return keywordsFromTelemetry(() => undefined, detector).missing.filter((name) => !given.has(name)).length;
};

/** The raw science frame of a ramp; a file that already is one becomes it at once. */
const sampled = async (
  path: string,
  task: Task,
  context: StageContext,
  bench: Workbench,
): Promise<ImageModel> => {
  const { extver } = inputOf(task);
  const choice = { detector: task.detector, ...(extver > 0 ? { extver } : {}) };
  const ramp = await context.step('open', () => openRamp(path, choice));
  if (ramp.kind === 'frame') return openImage(bench.engine, path, choice);
  const { frame } = await runPipeline(readoutPipeline, planOf(ramp), task, context, bench);
  if (!frame) throw new Error('the readout pipeline ended without a frame');
  return frame;
};

/** The readout stage: the reads of one detector's exposure in, one raw science frame (L1) out. */
export const readoutStage = async (): Promise<StageDefinition> => {
  const bench = await openWorkbench();
  return {
    stage: 'readout',
    level: 'l1',
    suffix: 'rate',
    concurrency: 5,
    steps: describeSteps(readoutPipeline),
    async reduce(task, context) {
      const path = context.volume.existing(inputOf(task).frame?.path ?? '');
      const model = await sampled(path, task, context, bench);
      try {
        addKeywords(model.header, task.keywords);
        model.header.set('DETECTOR', task.detector, 'detector');
        const produced = await context.step('save', () =>
          frameProduct(bench.engine, model, task, context, { suffix: 'rate' }),
        );
        return { ...produced, keywordsMissing: missingKeywords(task) };
      } finally {
        closeImage(model);
      }
    },
    close: () => bench.close(),
  };
};
