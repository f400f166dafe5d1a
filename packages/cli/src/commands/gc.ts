import { existsSync, realpathSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connectBus, oldestUnread } from '@iris-drs/bus';
import { numberArg, parse } from '../args.ts';
import { CliError, usageError } from '../errors.ts';
import { dataDirOf } from '../instance/paths.ts';
import { natsUrlOf } from '../instance/state.ts';
import { print } from './fits/files.ts';
import { leftovers } from './gc/leftovers.ts';
import { openFiles } from './gc/open-files.ts';
import { oldReads } from './gc/reads.ts';
import { DAY_MS, nightsOf } from './gc/volume.ts';
import { byteText } from './refs/transfer-line.ts';

export const usage = 'gc [--data DIR] [--older-than DAYS] [--dry-run] [--json] [--nats URL]';
export const summary =
  'make room on the data volume: unfinished files of writers that are gone for a day; and the reads of ramps after ' +
  'DAYS (30), when the raw science frame of each of their detectors is there and sound and nothing on the bus that is ' +
  'as old waits to be worked off. Raw science frames and products are never removed';

/** Messages may arrive a little before or after the files they name. */
const MARGIN_MS = DAY_MS;

/** Files changed before this are nobody's work, ms since 1970; undefined and a reason when that cannot be told. */
const quietBefore = async (
  url: () => string,
  now: number,
): Promise<{ readonly before?: number; readonly reason?: string }> => {
  try {
    const connection = await connectBus({ url: url(), name: 'drs-gc', firstConnectMs: 3_000 });
    try {
      const unread = await oldestUnread(connection);
      return { before: unread === undefined ? now : unread.getTime() - MARGIN_MS };
    } finally {
      await connection.close();
    }
  } catch (error) {
    return { reason: (error as Error).message };
  }
};

interface Removed {
  readonly path: string;
  readonly kind: 'leftover' | 'reads';
  readonly bytes: number;
}

/** `drs gc`: removes, or with `--dry-run` lists, what nobody needs any more. */
export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parse(
    args,
    {
      data: { type: 'string' },
      'older-than': { type: 'string' },
      'dry-run': { type: 'boolean' },
      json: { type: 'boolean' },
      nats: { type: 'string' },
    },
    usage,
  );
  if (positionals.length > 0) throw usageError(`unexpected '${positionals[0]}'\nusage: drs ${usage}`);
  const days = numberArg('older-than', values['older-than'], 30, 0, 36_500);
  const isDry = values['dry-run'] ?? false;
  const given = dataDirOf(values.data);
  if (!existsSync(given)) throw new CliError(3, `${given}: not found; set DRS_DATA or give --data DIR`);
  const data = realpathSync(given);
  if (nightsOf(data).length === 0 && !existsSync(join(data, '.drs'))) {
    throw new CliError(1, `${data} holds no nights and no state of a DRS; is it a data directory?`);
  }

  const now = Date.now();
  const open = openFiles();
  let [count, bytes, staying] = [0, 0, 0];
  const remove = async (path: string, kind: Removed['kind']): Promise<void> => {
    const removed: Removed = { path, kind, bytes: statSync(path).size };
    if (!isDry) rmSync(path);
    count += 1;
    bytes += removed.bytes;
    const what = isDry ? 'would remove' : 'removed';
    await print(
      values.json
        ? `${JSON.stringify({ ...removed, removed: !isDry })}\n`
        : `${what} ${path}  ${byteText(removed.bytes)}\n`,
    );
  };
  for (const path of leftovers(data, open, now)) await remove(path, 'leftover');

  const { before, reason } = await quietBefore(() => natsUrlOf(values.nats, data), now);
  if (before === undefined) {
    process.stderr.write(`drs: reads of ramps stay, as the bus cannot be asked who needs them: ${reason}\n`);
  } else {
    for await (const { path, kept } of oldReads(data, Math.min(before, now - days * DAY_MS), open)) {
      if (kept === undefined) await remove(path, 'reads');
      else if (isDry) process.stderr.write(`drs: ${path} stays: ${kept}\n`);
      else staying += 1;
    }
    if (staying > 0) process.stderr.write(`drs: ${staying} old files of reads stay; --dry-run tells why\n`);
  }
  if (!values.json) {
    await print(`${count} files ${isDry ? 'would be removed' : 'removed'}, ${byteText(bytes)}\n`);
  }
  return 0;
};
