import { connectBus, provision } from '@iris-drs/bus';
import { parse } from '../args.ts';
import { dataDirOf } from '../instance/paths.ts';
import { natsUrlOf } from '../instance/state.ts';

export const usage = 'provision [--nats URL]';
export const summary = 'create or update streams, consumers and buckets; harmless to repeat';

export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parse(args, { nats: { type: 'string' }, data: { type: 'string' } }, usage);
  const url = natsUrlOf(values.nats, dataDirOf(values.data));
  const connection = await connectBus({ url, name: 'drs-provision', firstConnectMs: 20_000 });
  try {
    await provision(connection);
  } finally {
    await connection.close();
  }
  process.stdout.write(`provisioned ${url}\n`);
  return 0;
};
