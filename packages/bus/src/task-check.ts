import { SCHEMA_VERSION, type Stage, Task, taskSubject } from '@iris-drs/proto';
import { BusError } from './errors.ts';
import type { Volume } from './volume.ts';

/**
 * The task in a message, checked against the subject that it came on.
 * @throws BusError MESSAGE_INVALID, TASK_MISROUTED
 */
export const decodeTask = (stage: Stage, subject: string, body: Uint8Array): Task => {
  let task: Task;
  try {
    task = Task.decode(body);
  } catch (error) {
    throw new BusError(
      'MESSAGE_INVALID',
      subject,
      `the message on ${subject} (${body.length} bytes) is no iris.drs.v1.Task: ${(error as Error).message}. Publish protobuf of this schema.`,
      error,
    );
  }
  if (task.schemaVersion < 1 || task.schemaVersion > SCHEMA_VERSION) {
    throw new BusError(
      'MESSAGE_INVALID',
      subject,
      `the message on ${subject} has schema version ${task.schemaVersion}; this service reads 1 to ${SCHEMA_VERSION}.`,
    );
  }
  const expected = taskSubject(stage, task.mode, task.detector, task.exposureId);
  if (task.stage !== stage || subject !== expected) {
    throw new BusError(
      'TASK_MISROUTED',
      subject,
      `a task for ${task.stage || 'no stage'} came on ${subject}; expected on ${expected}.`,
    );
  }
  return task;
};

const invalid = (input: string, message: string): BusError => new BusError('TASK_INVALID', input, message);

/** Options that hold paths: they may only name files of the volume. */
const PATH_OPTION = /(^|\.)(override_[a-z0-9_]+|output_dir|output_file|input_dir)$/;
const HOOK_OPTION = /(^|\.)(pre_hooks|post_hooks)$/;
const NOT_A_PATH = /^(N\/A|None|)$/i;

/**
 * Checks what a task could abuse: names that become parts of paths, paths that leave the volume, hooks that run code.
 * @throws BusError TASK_INVALID, VOLUME_OUTSIDE
 */
export const assertSafe = (task: Task, volume: Volume): void => {
  if (!/^[A-Za-z0-9][\w.:+-]*$/.test(task.exposureId)) {
    throw invalid(
      task.exposureId,
      `exposure id '${task.exposureId}' cannot be part of a file name; expected letters, digits, - . _ : +`,
    );
  }
  if (!/^[A-Za-z0-9_-]+$/.test(task.detector)) {
    throw invalid(
      task.detector,
      `detector '${task.detector}' cannot be part of a file name; expected IMG1 … IMG4 or IFS.`,
    );
  }
  if (!/^\d{8}$/.test(task.utDate)) {
    throw invalid(task.utDate, `UT date '${task.utDate}' of exposure ${task.exposureId}; expected YYYYMMDD.`);
  }
  for (const { frame } of task.inputs) if (frame) volume.resolve(frame.path);
  for (const [name, value] of Object.entries(task.options)) {
    if (HOOK_OPTION.test(name))
      throw invalid(name, `option ${name} runs code; services do not take hooks. Use \`drs run\`.`);
    if (PATH_OPTION.test(name) && !NOT_A_PATH.test(value)) volume.resolve(value);
  }
};
