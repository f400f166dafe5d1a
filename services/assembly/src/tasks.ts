import {
  exposureContext,
  exposureLinks,
  inSpan,
  messageHeaders,
  publishDurably,
  type Telemetry,
} from '@iris-drs/bus';
import { Task, taskSubject } from '@iris-drs/proto';
import type { JetStreamClient } from '@nats-io/jetstream';
import type { DueTask } from './decide.ts';

export interface TaskPublisher {
  readonly js: JetStreamClient;
  readonly telemetry: Telemetry;
  readonly signal: AbortSignal;
}

/**
 * Puts a task on its queue, in the exposure's trace; the exposures that lend their sky are span links. Published again
 * after a crash it is dropped by its id, or later by the worker that finds the product.
 *
 * @param within  the active span belongs to the same exposure: the task is its child
 */
export const publishTask = (
  { js, telemetry, signal }: TaskPublisher,
  { stage, task }: DueTask,
  within: boolean,
): Promise<void> => {
  const { mode, detector, exposureId, version } = task;
  const links = exposureLinks(
    exposureId,
    task.inputs.map((input) => input.exposureId),
  );
  const attributes = { 'drs.stage': stage, 'drs.detector': detector, 'drs.exposure.id': exposureId };
  const publish = async (): Promise<void> => {
    await publishDurably(
      js,
      taskSubject(stage, mode, detector, exposureId),
      Task.encode(task).finish(),
      messageHeaders('Task'),
      { msgId: `task:${stage}:${exposureId}:${detector}:${version}`, signal },
    );
  };
  const name = `publish drs.task.${stage}.{mode}`;
  return within
    ? inSpan(telemetry.tracer, name, { links, attributes }, publish)
    : inSpan(telemetry.tracer, name, { links, attributes }, publish, exposureContext(exposureId));
};
