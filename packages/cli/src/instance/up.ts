import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectBus, provision, servingStatus } from '@iris-drs/bus';
import { initialiseCache } from '@iris-drs/crds';
import { MODES } from '@iris-drs/proto';
import { CliError, usageError } from '../errors.ts';
import { lockFile } from './lock.ts';
import { findNatsServer, natsCommand } from './nats-server.ts';
import { realDir, rememberDataDir } from './paths.ts';
import { freePort, isAlive, launch, tailOf } from './processes.ts';
import { type ServiceName, serviceArgs, servicesFor } from './services.ts';
import { type InstanceState, type ProcessRecord, readState, stateDir, writeState } from './state.ts';

export interface UpOptions {
  readonly data: string;
  readonly refs: string | undefined;
  readonly nats: string | undefined;
  readonly modes: string | undefined;
  readonly say: (line: string) => void;
  /** For a measurement: these services alone on a server of their own, and not what later commands find. */
  readonly only?: readonly ServiceName[];
}

const START_SECONDS = 60;

const parseModes = (text: string | undefined): string[] => {
  if (text === undefined || text === 'all') return [...MODES];
  const modes = text.split(',').map((mode) => mode.trim());
  const unknown = modes.find((mode) => !(MODES as readonly string[]).includes(mode));
  if (unknown !== undefined) {
    throw usageError(`--modes ${text}: no mode '${unknown}'; modes are ${MODES.join(', ')}, or all`);
  }
  return modes;
};

const until = async (what: string, record: ProcessRecord, ready: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + START_SECONDS * 1000;
  while (Date.now() < end) {
    if (await ready()) return;
    if (!isAlive(record)) {
      throw new CliError(
        3,
        `${what} ended while starting; the end of its log ${record.log}:\n${tailOf(record.log)}`,
      );
    }
    await sleep(50);
  }
  throw new CliError(3, `${what} is not ready after ${START_SECONDS} s; see ${record.log}`);
};

const answers = async (url: string): Promise<boolean> => {
  try {
    const connection = await connectBus({ url, name: 'drs-up', firstConnectMs: 200 });
    await connection.close();
    return true;
  } catch {
    return false;
  }
};

const startNats = async (data: string, port: number, say: UpOptions['say']): Promise<ProcessRecord> => {
  const server = findNatsServer(say);
  const { command, args } = natsCommand(server, port, join(stateDir(data), 'nats'));
  const log = join(stateDir(data), 'nats-server.log');
  const { pid, started } = launch(command, args, process.env, log);
  const record: ProcessRecord = { name: 'nats-server', pid, started, log };
  await until('nats-server', record, () => answers(`nats://127.0.0.1:${port}`));
  return record;
};

const serviceEnv = (state: InstanceState, name: ServiceName): NodeJS.ProcessEnv => ({
  ...process.env,
  NATS_URL: state.natsUrl,
  DRS_DATA: state.data,
  CRDS_PATH: state.refs,
  DRS_MODES: state.modes.join(','),
  DRS_GRPC_ADDRESS: `127.0.0.1:${state.ports[name]}`,
  DRS_REFDB: `127.0.0.1:${state.ports.refdb}`,
  DRS_READY_FILE: join(stateDir(state.data), `${name}.ready.json`),
});

const startService = (state: InstanceState, name: ServiceName): ProcessRecord => {
  const env = serviceEnv(state, name);
  rmSync(env.DRS_READY_FILE ?? '', { force: true });
  const log = join(stateDir(state.data), `${name}.log`);
  const { pid, started } = launch(process.execPath, serviceArgs(name), env, log);
  return { name, pid, started, grpc: `127.0.0.1:${state.ports[name]}`, log };
};

/** Ports that the instance has, and free ones for processes that have none yet. */
const assignPorts = async (known: Readonly<Record<string, number>>, names: readonly string[]) => {
  const ports: Record<string, number> = { ...known };
  for (const name of names) {
    while (ports[name] === undefined) {
      const port = await freePort();
      if (!Object.values(ports).includes(port)) ports[name] = port;
    }
  }
  return ports;
};

/**
 * Starts what is not running of an instance and returns when every service is SERVING. What runs is left alone.
 * @throws CliError 3 when something cannot be started
 */
export const up = async (options: UpOptions): Promise<InstanceState> => {
  const data = realDir(options.data);
  mkdirSync(join(stateDir(data), 'traces'), { recursive: true });
  using _held = lockFile(join(stateDir(data), 'up.lock'), `drs up on ${data}`);

  const before = readState(data);
  const refs = realDir(options.refs ?? before?.refs ?? process.env.CRDS_PATH ?? join(data, 'crds_cache'));
  if (await initialiseCache(refs))
    options.say(`${refs} was empty: made it a CRDS cache whose rules answer N/A`);
  const modes = options.modes === undefined && before ? [...before.modes] : parseModes(options.modes);
  const services = options.only ?? servicesFor(modes);
  const ports = await assignPorts(before?.ports ?? {}, ['nats-server', ...services]);

  const given = options.only ? undefined : (options.nats ?? process.env.NATS_URL);
  const natsOwned = given === undefined;
  const natsUrl = given ?? `nats://127.0.0.1:${ports['nats-server']}`;
  const alive = (before?.processes ?? []).filter(isAlive);
  let state: InstanceState = { data, refs, natsUrl, natsOwned, modes, ports, processes: alive };
  writeState(state);
  if (!options.only) rememberDataDir(data);

  if (natsOwned && !alive.some(({ name }) => name === 'nats-server')) {
    const record = await startNats(data, ports['nats-server'] ?? 0, options.say);
    state = { ...state, processes: [...state.processes, record] };
    writeState(state);
    options.say(`nats-server ${natsUrl}`);
  }

  const connection = await connectBus({ url: natsUrl, name: 'drs-provision', firstConnectMs: 20_000 });
  try {
    await provision(connection);
  } finally {
    await connection.close();
  }

  const fresh = services.filter((name) => !alive.some((record) => record.name === name));
  for (const name of fresh) {
    state = { ...state, processes: [...state.processes, startService(state, name)] };
    writeState(state);
  }
  for (const record of state.processes) {
    const { grpc } = record;
    if (grpc === undefined) continue;
    await until(record.name, record, async () => (await servingStatus(grpc)) === 'SERVING');
    options.say(
      `${record.name} SERVING on ${grpc}${fresh.includes(record.name as ServiceName) ? '' : ' (was running)'}`,
    );
  }
  return state;
};
