import { activate, type HistoryEntry, rollback } from '@iris-drs/crds';
import { parse } from '../../args.ts';
import { usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { ACCOUNT_FLAGS, accountOf } from './account.ts';
import { CACHE_FLAGS, cacheDirectory } from './cache.ts';
import { entryText, receivedEntry } from './entries.ts';
import { withRemote } from './with-remote.ts';

const FLAGS = {
  ...CACHE_FLAGS,
  ...ACCOUNT_FLAGS,
  remote: { type: 'string' },
  expected: { type: 'string' },
} as const;

/** What `change` did, told. */
const tell = async (change: Promise<HistoryEntry>, isJson = false): Promise<number> => {
  const entry = await change;
  await print(isJson ? `${JSON.stringify(entry)}\n` : entryText(entry));
  return 0;
};

/** `drs refs activate CONTEXT`: puts a context of the cache in force. */
export const runActivate = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(args, FLAGS, usage);
  const [context, ...more] = positionals;
  if (context === undefined || more.length > 0)
    throw usageError(`one context is needed\nusage: drs ${usage}`);
  const account = { ...accountOf(values, usage), expected: values.expected ?? '' };
  const { remote, json } = values;
  if (remote === undefined) return tell(activate(cacheDirectory(values), context, account), json);
  const change = withRemote(remote, async ({ client, ask }) =>
    receivedEntry(await ask(client.activate, { ...account, context })),
  );
  return tell(change, json);
};

/** `drs refs rollback`: undoes the newest change that is not undone yet. */
export const runRollback = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(args, FLAGS, usage);
  if (positionals.length > 0) throw usageError(`unexpected '${positionals[0]}'\nusage: drs ${usage}`);
  const account = { ...accountOf(values, usage), expected: values.expected ?? '' };
  const { remote, json } = values;
  if (remote === undefined) return tell(rollback(cacheDirectory(values), account), json);
  const change = withRemote(remote, async ({ client, ask }) =>
    receivedEntry(await ask(client.rollback, account)),
  );
  return tell(change, json);
};
