import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  exposureFileStem,
  type ImageModel,
  matchKeywords,
  productPath,
  saveImage,
  writeProvenance,
} from '@iris-drs/datamodels';
import type { Engine } from '@iris-drs/kernels';
import type { Input, Task } from '@iris-drs/proto';
import { obsNamePart, roleOf, TmtError } from '@iris-drs/tmt';
import { BusError } from './errors.ts';
import type { ProducedFrame, StageContext } from './stage.ts';

/** The task's input of this part. @throws BusError MESSAGE_INVALID when it has none */
export const inputOf = (task: Task, accept: (input: Input) => boolean = () => true): Input => {
  const found = task.inputs.find(accept);
  if (found?.frame) return found;
  throw new BusError(
    'MESSAGE_INVALID',
    task.exposureId,
    `the ${task.stage} task of ${task.exposureId} names no input file; expected at least one.`,
  );
};

type Header = ImageModel['header'];

const textOf = (header: Header, keyword: string): string | undefined => {
  const value = header.get(keyword);
  return typeof value === 'string' ? value : undefined;
};

/** The role that a file tells on its own; undefined where its exposure has no proper name. */
const roleInFile = (header: Header, exposureId: string): string | undefined => {
  const [obsType, obsName] = [textOf(header, 'OBSTYPE'), textOf(header, 'OBSNAME')];
  try {
    return roleOf({ obsType, obsName, exposureId });
  } catch (error) {
    if (error instanceof TmtError) return undefined;
    throw error;
  }
};

/** Where only telemetry told the role, OBSNAME says it from here on: who reads the file has no telemetry. */
const keepRole = (header: Header, { exposureId, detector, role }: Task): void => {
  const part = obsNamePart(role);
  const told = roleInFile(header, exposureId);
  if (part === undefined || told === undefined || told === role) return;
  header.set('OBSNAME', `${detector}-${part}`, 'role of the exposure, as telemetry told it');
};

/** What the task says of the exposure in words. */
const told = ({ keywords }: Task, name: string): string | undefined => {
  const value = keywords.find((keyword) => keyword.name === name)?.value;
  return value?.$case === 'text' ? value.value : undefined;
};

export interface FrameProductOptions {
  readonly suffix: string;
  /** Write ERR: final products. */
  readonly err?: boolean;
}

/**
 * Writes a stage's frame where its task says, with the provenance that every product carries, and describes it
 * for the bus. The file is durable when this returns.
 */
export const frameProduct = async (
  engine: Engine,
  model: ImageModel,
  task: Task,
  context: StageContext,
  { suffix, err }: FrameProductOptions,
): Promise<ProducedFrame> => {
  const { header, sciHeader } = model;
  writeProvenance(header, {
    inputs: task.inputs.flatMap((input) => (input.frame ? [input.frame.path] : [])),
    traceId: context.traceId,
    association: { pool: told(task, 'ASNPOOL'), table: told(task, 'ASNTABLE') },
  });
  keepRole(header, task);
  if (task.aborted) header.set('ABORTED', true, 'exposure was aborted; data may be partial');
  for (const warning of model.warnings) context.log.warn({ input: task.inputs[0]?.frame?.path }, warning);

  const stem = exposureFileStem(task.exposureId, task.detector);
  const path = productPath({ exposureFileStem: stem, utDate: task.utDate, suffix, mode: task.mode });
  const target = context.volume.resolve(path);
  mkdirSync(dirname(target), { recursive: true });
  const saved = await saveImage(engine, model, target, err === undefined ? {} : { err });
  const { exposureStart, ...matching } = matchKeywords([header, sciHeader]);
  return {
    frame: { path, size: saved.size, shape: [...saved.shape], dtype: saved.dtype, datasum: saved.datasum },
    ...matching,
    ...(exposureStart ? { exposureStart } : {}),
  };
};
