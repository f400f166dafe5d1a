import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { terminate } from './processes.ts';
import { type InstanceState, stateDir, writeState } from './state.ts';

/** Stops the services, each finishing its work in hand, then nats-server if it is the instance's own. */
export const down = async (state: InstanceState, say: (line: string) => void): Promise<void> => {
  const services = state.processes.filter(({ name }) => name !== 'nats-server');
  const servers = state.processes.filter(({ name }) => name === 'nats-server');
  await Promise.all(
    services.map(async (record) => {
      say(`${record.name} ${await terminate(record, 60)}`);
      rmSync(join(stateDir(state.data), `${record.name}.ready.json`), { force: true });
    }),
  );
  for (const record of servers) say(`${record.name} ${await terminate(record, 20)}`);
  writeState({ ...state, processes: [] });
};
