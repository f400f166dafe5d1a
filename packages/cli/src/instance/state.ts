import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../errors.ts';

/** A process of an instance, as `<data>/.drs/state.json` remembers it. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** Clock ticks since boot at which it started: tells it from a later process with the same pid. */
  readonly started: string;
  /** gRPC address; absent for nats-server. */
  readonly grpc?: string;
  readonly log: string;
}

/** One running, or once running, DRS. Ports are kept so that a restarted process is found where it was. */
export interface InstanceState {
  readonly data: string;
  readonly refs: string;
  readonly natsUrl: string;
  /** True when `drs up` started the server itself. */
  readonly natsOwned: boolean;
  readonly modes: readonly string[];
  readonly ports: Readonly<Record<string, number>>;
  readonly processes: readonly ProcessRecord[];
}

export const stateDir = (data: string): string => join(data, '.drs');
const stateFile = (data: string): string => join(stateDir(data), 'state.json');

export const readState = (data: string): InstanceState | undefined => {
  const path = stateFile(data);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as InstanceState;
  } catch (cause) {
    throw new CliError(3, `${path} cannot be read; remove it and run drs up again`, cause);
  }
};

export const writeState = (state: InstanceState): void => {
  const path = stateFile(state.data);
  writeFileSync(`${path}.${process.pid}`, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(`${path}.${process.pid}`, path);
};

/** State of the instance, or an error that says how to start one. */
export const requireState = (data: string): InstanceState => {
  const state = readState(data);
  if (!state) throw new CliError(3, `no DRS has been started on ${data}; run: drs up --data ${data}`);
  return state;
};

/** NATS server to talk to: flag, environment, then the instance's own. */
export const natsUrlOf = (flag: string | undefined, data: string): string =>
  flag ?? process.env.NATS_URL ?? requireState(data).natsUrl;
