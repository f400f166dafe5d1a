import { servingStatus } from '@iris-drs/bus';
import { parse } from '../args.ts';
import { dataDirOf } from '../instance/paths.ts';
import { isAlive } from '../instance/processes.ts';
import { requireState } from '../instance/state.ts';

export const usage = 'status [--data DIR] [--json]';
export const summary = 'processes of the instance: pid, gRPC address, health, log';

export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parse(args, { data: { type: 'string' }, json: { type: 'boolean' } }, usage);
  const state = requireState(dataDirOf(values.data));
  const processes = await Promise.all(
    state.processes.map(async (record) => {
      const alive = isAlive(record);
      const health = !alive
        ? 'DEAD'
        : record.grpc === undefined
          ? 'RUNNING'
          : await servingStatus(record.grpc);
      return { name: record.name, pid: record.pid, grpc: record.grpc ?? null, health, log: record.log };
    }),
  );
  const healthy =
    processes.length > 0 && processes.every(({ health }) => health === 'SERVING' || health === 'RUNNING');
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ natsUrl: state.natsUrl, data: state.data, refs: state.refs, modes: state.modes, processes })}\n`,
    );
  } else {
    process.stdout.write(`NATS ${state.natsUrl}\ndata ${state.data}\nreferences ${state.refs}\n`);
    for (const { name, pid, grpc, health, log } of processes) {
      process.stdout.write(
        `${name.padEnd(12)} ${health.padEnd(12)} pid ${String(pid).padEnd(8)} ${(grpc ?? '').padEnd(18)} ${log}\n`,
      );
    }
    if (processes.length === 0) process.stdout.write('nothing runs; start it with drs up\n');
  }
  return healthy ? 0 : 1;
};
