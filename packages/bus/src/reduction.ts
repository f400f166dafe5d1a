import type { ServerWritableStream } from '@grpc/grpc-js';
import type {
  FrameChunk,
  GetFrameRequest,
  ReduceRequest,
  ReduceUpdate,
  ReductionServer,
  Task,
} from '@iris-drs/proto';
import { trace } from '@opentelemetry/api';
import { BusError } from './errors.ts';
import { exposureContext } from './exposure-trace.ts';
import { failureOf } from './failures.ts';
import { faultOf } from './fault.ts';
import { serviceErrorOf } from './grpc-errors.ts';
import { type ReduceDeps, reduceTask } from './reduce.ts';
import { ATTR } from './semconv.ts';
import type { StageDefinition } from './stage.ts';
import { streamFile } from './stream-file.ts';
import { inSpan, workAttributes } from './trace.ts';

/** `Reduce` by hand: the task of a request, named for this stage. @throws BusError TASK_INVALID */
const taskOf = (definition: StageDefinition, task: Task | undefined): Task => {
  if (!task) throw new BusError('TASK_INVALID', 'task', 'the request holds no task.');
  if (task.stage !== '' && task.stage !== definition.stage) {
    throw new BusError(
      'TASK_INVALID',
      task.stage,
      `a task for ${task.stage} was sent to ${definition.stage}.`,
    );
  }
  return { ...task, stage: definition.stage };
};

/** The gRPC service that every stage offers, for any list of steps. Its products are not announced on the bus. */
export const reductionService = (definition: StageDefinition, deps: ReduceDeps): ReductionServer => ({
  listSteps(_call, answer) {
    answer(null, { stage: definition.stage, steps: [...definition.steps] });
  },

  reduce(call: ServerWritableStream<ReduceRequest, ReduceUpdate>) {
    const stop = new AbortController();
    call.once('cancelled', () => stop.abort());
    const send = (update: NonNullable<ReduceUpdate['update']>) => call.write({ update });
    const run = async () => {
      let task: Task;
      try {
        task = taskOf(definition, call.request.task);
      } catch (error) {
        call.emit('error', serviceErrorOf(error));
        return;
      }
      try {
        const caller = trace.getActiveSpan()?.spanContext();
        const value = await inSpan(
          deps.telemetry.tracer,
          `reduce ${definition.stage}`,
          {
            attributes: { ...workAttributes(task), [ATTR.exposure]: task.exposureId },
            links: caller ? [{ context: caller }] : [],
          },
          () =>
            reduceTask(definition, task, deps, {
              signal: stop.signal,
              onProgress: (progress) => send({ $case: 'progress', value: progress }),
            }),
          exposureContext(task.exposureId),
        );
        send({ $case: 'product', value });
      } catch (error) {
        send({ $case: 'failure', value: failureOf(task, faultOf(error)) });
      }
      call.end();
    };
    void run();
  },

  getFrame(call: ServerWritableStream<GetFrameRequest, FrameChunk>) {
    const run = async () =>
      streamFile(deps.volume.existing(call.request.path), call, { message: (part) => part });
    run().catch((error: unknown) => call.emit('error', serviceErrorOf(error)));
  },
});
