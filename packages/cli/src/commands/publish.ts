import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectBus, publishEvent } from '@iris-drs/bus';
import { parseEventLine } from '@iris-drs/tmt';
import { numberArg, parse } from '../args.ts';
import { CliError, usageError } from '../errors.ts';
import { dataDirOf } from '../instance/paths.ts';
import { natsUrlOf } from '../instance/state.ts';

export const usage = 'publish FILE.ndjson [--rate N] [--nats URL]';
export const summary = 'put CSW events, one a line, on the bus as they are; - reads standard input';

export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parse(
    args,
    { rate: { type: 'string' }, nats: { type: 'string' }, data: { type: 'string' } },
    usage,
  );
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usageError(`one file is needed\nusage: drs ${usage}`);
  const rate = numberArg('rate', values.rate, Number.POSITIVE_INFINITY, 1e-3, Number.POSITIVE_INFINITY);
  const url = natsUrlOf(values.nats, dataDirOf(values.data));

  const connection = await connectBus({ url, name: 'drs-publish', firstConnectMs: 20_000 });
  let line = 0;
  let published = 0;
  let duplicates = 0;
  try {
    const input = file === '-' ? process.stdin : createReadStream(file);
    const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    for await (const text of lines) {
      line += 1;
      if (text.trim() === '') continue;
      const { event, body } = parseEventLine(text);
      const outcome = await publishEvent(connection, event, body);
      published += 1;
      if (outcome === 'duplicate') duplicates += 1;
      if (Number.isFinite(rate)) await sleep(1000 / rate);
    }
  } catch (error) {
    const where = line === 0 ? file : `${file} line ${line}`;
    throw new CliError(
      2,
      `${where}: ${(error as Error).message} (${published} events published before it)`,
      error,
    );
  } finally {
    await connection.close();
  }
  process.stdout.write(
    `published ${published} events${duplicates > 0 ? `, ${duplicates} of them already on the bus` : ''}\n`,
  );
  return 0;
};
