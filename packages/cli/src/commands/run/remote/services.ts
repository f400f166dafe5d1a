import { resolve } from 'node:path';
import { grpcClient, openVolume, type Volume } from '@iris-drs/bus';
import { ReductionClient, STAGES } from '@iris-drs/proto';
import { CliError, usageError } from '../../../errors.ts';
import { dataDirOf } from '../../../instance/paths.ts';
import { requireState } from '../../../instance/state.ts';
import { isDirectory, namesServices } from './names.ts';

const STAGE_NAMES: readonly string[] = STAGES;
const ANSWER_MILLIS = 10_000;

/** A stage that answers. */
export interface RemoteStage {
  readonly stage: string;
  readonly address: string;
  readonly client: ReductionClient;
  /** Names of its steps, in order. */
  readonly steps: readonly string[];
}

export interface RemoteServices extends Disposable {
  readonly stages: ReadonlyMap<string, RemoteStage>;
  /** The services' volume as it is seen here; undefined where nobody says where it is. */
  readonly volume: Volume | undefined;
}

const addressesOf = (
  text: string | undefined,
): { readonly addresses: readonly string[]; readonly data: string | undefined } => {
  if (text && !isDirectory(text)) {
    if (!namesServices(text))
      throw usageError(`--remote ${text}: expected host:port, several with commas, or a data directory`);
    return { addresses: text.split(','), data: process.env.DRS_DATA || undefined };
  }
  const { data, processes } = requireState(text ? resolve(text) : dataDirOf(undefined));
  const addresses = processes.flatMap(({ name, grpc }) => (STAGE_NAMES.includes(name) && grpc ? [grpc] : []));
  return { addresses, data };
};

const ask = async (address: string): Promise<RemoteStage> => {
  const { DRS_GRPC_CERT: cert, DRS_GRPC_KEY: key, DRS_GRPC_CA: ca } = process.env;
  const client = grpcClient(ReductionClient, address, { tls: { cert, key, ca } });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((done, failed) => {
      timer = setTimeout(() => failed(new Error('no answer')), ANSWER_MILLIS);
      client.listSteps({}, (error, answer) => {
        if (error) failed(new Error(error.details || error.message));
        else done({ stage: answer.stage, address, client, steps: answer.steps.map(({ name }) => name) });
      });
    });
  } catch (error) {
    client.close();
    const why = (error as Error).message;
    throw new CliError(
      3,
      `no stage answers at ${address} (${why}); start the services with drs up, or name others by --remote`,
      error,
    );
  } finally {
    clearTimeout(timer);
  }
};

/**
 * The stages of an instance: of its data directory, of addresses, or the instance that other commands would take.
 * @throws CliError 3 when one does not answer, 2 for a text that names nothing
 */
export const openServices = async (text: string | undefined): Promise<RemoteServices> => {
  const { addresses, data } = addressesOf(text);
  const stages = new Map<string, RemoteStage>();
  const close = (): void => {
    for (const { client } of stages.values()) client.close();
  };
  try {
    for (const address of addresses) {
      const found = await ask(address);
      if (stages.has(found.stage)) found.client.close();
      else stages.set(found.stage, found);
    }
    return { stages, volume: data === undefined ? undefined : openVolume(data), [Symbol.dispose]: close };
  } catch (error) {
    close();
    throw error;
  }
};
