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

/**
 * Puts a task on its queue, in the exposure's trace; the exposures that lend their sky are span links. Published again
 * after a crash it is dropped by its id, or later by the worker that finds the product.
 */
export const publishTask = (
  js: JetStreamClient,
  { tracer }: Telemetry,
  { stage, task }: DueTask,
): Promise<void> => {
  const { mode, detector, exposureId, version } = task;
  const links = exposureLinks(
    exposureId,
    task.inputs.map((input) => input.exposureId),
  );
  const attributes = { 'drs.stage': stage, 'drs.detector': detector, 'drs.exposure.id': exposureId };
  return inSpan(
    tracer,
    `publish drs.task.${stage}.{mode}`,
    { links, attributes },
    async () => {
      await publishDurably(
        js,
        taskSubject(stage, mode, detector, exposureId),
        Task.encode(task).finish(),
        messageHeaders('Task'),
        {
          msgId: `task:${stage}:${exposureId}:${detector}:${version}`,
        },
      );
    },
    exposureContext(exposureId),
  );
};
