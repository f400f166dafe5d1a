import { type HistoryEntry, history } from '@iris-drs/crds';
import { integerArg, parse } from '../../args.ts';
import { usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { CACHE_FLAGS, cacheDirectory } from './cache.ts';
import { entryOfMessage, entryText } from './entries.ts';
import { withRemote } from './with-remote.ts';

const fromService = (address: string, limit: number): Promise<HistoryEntry[]> =>
  withRemote(address, async ({ client, ask }) => {
    const { entries } = await ask(client.history, { limit, before: 0 });
    return entries.map(entryOfMessage);
  });

/** `drs refs history`: changes of the context in force, the newest first. */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    { ...CACHE_FLAGS, remote: { type: 'string' }, limit: { type: 'string' } },
    usage,
  );
  if (positionals.length > 0) throw usageError(`unexpected '${positionals[0]}'\nusage: drs ${usage}`);
  const limit = integerArg('limit', values.limit, 100, 1, 1000);
  const entries =
    values.remote === undefined
      ? history(cacheDirectory(values), { limit })
      : await fromService(values.remote, limit);
  for (const entry of entries) await print(values.json ? `${JSON.stringify(entry)}\n` : entryText(entry));
  if (entries.length === 0 && !values.json) await print('no context has been changed yet\n');
  return 0;
};
