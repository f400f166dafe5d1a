import { join } from 'node:path';
import type { ReferenceSource } from '@iris-drs/crds';
import { ReductionService, ReferenceDataClient, STREAM } from '@iris-drs/proto';
import { BusError } from './errors.ts';
import { grpcClient } from './grpc.ts';
import { assertProvisioned } from './provision.ts';
import { type ReduceDeps, reduceTask } from './reduce.ts';
import { reductionService } from './reduction.ts';
import { remoteReferences } from './remote-references.ts';
import { ATTR } from './semconv.ts';
import { runService, type ServiceContext } from './service.ts';
import type { StageDefinition } from './stage.ts';
import { consumeTasks } from './worker.ts';

const referencesOf = ({ settings, telemetry, volume, tls }: ServiceContext): ReferenceSource => {
  if (settings.refdbAddress === undefined) {
    throw new BusError(
      'SETTING_INVALID',
      'DRS_REFDB',
      'DRS_REFDB is not set; set it to host:port of the reference service.',
    );
  }
  const client = grpcClient(ReferenceDataClient, settings.refdbAddress, { tls, tracer: telemetry.tracer });
  return remoteReferences({
    client,
    cacheDir: join(volume.root, '.drs', 'references'),
    context: settings.crdsContext,
  });
};

/** Tells whether the volume has room for more work, and says so once each time that changes. */
const roomKeeper = ({ settings, volume, log, telemetry }: ServiceContext, stage: string) => {
  let paused = false;
  return async (): Promise<boolean> => {
    const free = await volume.freeBytes();
    const low = free < settings.minFreeBytes;
    if (low !== paused) {
      paused = low;
      const fields = { freeBytes: free, floorBytes: settings.minFreeBytes, volume: volume.root };
      if (low) log.error(fields, 'the volume is nearly full: no new task is taken until there is room');
      else log.info(fields, 'there is room on the volume again: taking tasks');
    }
    telemetry.metrics.intakePaused.record(low ? 1 : 0, { [ATTR.stage]: stage });
    return !low;
  };
};

/** Runs a stage as a service: its task queue, the Reduction service and health, until it is told to stop. */
export const runStage = (definition: StageDefinition): Promise<void> =>
  runService({
    name: definition.stage,
    async start(context) {
      const { nc, volume, log, telemetry, settings, grpc } = context;
      await assertProvisioned(nc, [STREAM.tasks, STREAM.products, STREAM.failures]);
      const deps: ReduceDeps = { volume, references: referencesOf(context), log, telemetry, connection: nc };
      grpc.add(ReductionService, reductionService(definition, deps));
      const worker = await consumeTasks({
        nc,
        stage: definition.stage,
        level: definition.level,
        modes: settings.modes,
        concurrency: definition.concurrency ?? 1,
        telemetry,
        log,
        handle: (task, signal) => reduceTask(definition, task, deps, { signal }),
        mayTake: roomKeeper(context, definition.stage),
      });
      return {
        async stop() {
          await worker.drain(settings.drainSeconds * 1000);
          await definition.close?.();
        },
      };
    },
  });
