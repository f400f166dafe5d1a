import { activate, type HistoryEntry, rollback } from '@iris-drs/crds';
import type { ActivateResponse, HistoryEntry as Message, RollbackResponse } from '@iris-drs/proto';
import { parse } from '../../args.ts';
import { CliError, usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { ACCOUNT_FLAGS, accountOf } from './account.ts';
import { CACHE_FLAGS, cacheDirectory } from './cache.ts';
import { entryOfMessage, entryText } from './entries.ts';
import { withRemote } from './with-remote.ts';

const FLAGS = {
  ...CACHE_FLAGS,
  ...ACCOUNT_FLAGS,
  remote: { type: 'string' },
  expected: { type: 'string' },
} as const;

const received = (entry: Message | undefined): HistoryEntry => {
  if (entry) return entryOfMessage(entry);
  throw new CliError(1, 'the reference service did not say what it did');
};

const activateAt = (
  address: string,
  request: { context: string; by: string; why: string; expected: string },
): Promise<HistoryEntry> =>
  withRemote(address, async ({ client, ask }) => {
    const { entry } = await ask<ActivateResponse>((metadata, options, answer) =>
      client.activate(request, metadata, options, answer),
    );
    return received(entry);
  });

const rollbackAt = (
  address: string,
  request: { by: string; why: string; expected: string },
): Promise<HistoryEntry> =>
  withRemote(address, async ({ client, ask }) => {
    const { entry } = await ask<RollbackResponse>((metadata, options, answer) =>
      client.rollback(request, metadata, options, answer),
    );
    return received(entry);
  });

/** `drs refs activate CONTEXT`: puts a context of the cache in force. */
export const runActivate = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(args, FLAGS, usage);
  const [context, ...more] = positionals;
  if (context === undefined || more.length > 0)
    throw usageError(`one context is needed\nusage: drs ${usage}`);
  const account = { ...accountOf(values, usage), expected: values.expected ?? '' };
  const entry =
    values.remote === undefined
      ? await activate(cacheDirectory(values), context, account)
      : await activateAt(values.remote, { ...account, context });
  await print(values.json ? `${JSON.stringify(entry)}\n` : entryText(entry));
  return 0;
};

/** `drs refs rollback`: undoes the newest change that is not undone yet. */
export const runRollback = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(args, FLAGS, usage);
  if (positionals.length > 0) throw usageError(`unexpected '${positionals[0]}'\nusage: drs ${usage}`);
  const account = { ...accountOf(values, usage), expected: values.expected ?? '' };
  const entry =
    values.remote === undefined
      ? await rollback(cacheDirectory(values), account)
      : await rollbackAt(values.remote, account);
  await print(values.json ? `${JSON.stringify(entry)}\n` : entryText(entry));
  return 0;
};
