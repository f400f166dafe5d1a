import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { parse } from '../../args.ts';
import { usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { CACHE_FLAGS, cacheDirectory } from './cache.ts';
import { copyInto } from './copy.ts';
import { destinationIn, writeText } from './destination.ts';
import { contextOfDirectory, type OriginContext } from './origin.ts';
import { contextOfService } from './origin-remote.ts';
import { type PlanOptions, planSync, type SyncPlan } from './sync-plan.ts';
import { byteText, transferLine } from './transfer-line.ts';
import { isAddress, withRemote } from './with-remote.ts';

const bytesOf = ({ references }: SyncPlan): number =>
  references.reduce((sum, { source }) => sum + source.size, 0);

/** References first, the .pmap last, so that a reader of the cache never sees half a context. */
const carryOut = async (origin: OriginContext, plan: SyncPlan, directory: string): Promise<void> => {
  const line = transferLine(process.stderr, bytesOf(plan));
  try {
    await destinationIn(directory, origin.observatory).prepare();
    for (const { source, path } of plan.references) {
      line.begin(source.name);
      await copyInto(source, path, line.add);
    }
    for (const { path, text } of plan.mappings) await writeText(path, text);
  } finally {
    line.end();
  }
};

const report = (origin: OriginContext, plan: SyncPlan, isDry: boolean) => ({
  context: origin.name,
  copied: isDry ? 0 : plan.references.length + plan.mappings.length,
  toCopy: plan.references.length + plan.mappings.length,
  bytes: bytesOf(plan),
  there: plan.there,
  absent: plan.absent,
});

const text = (
  { context, copied, toCopy, bytes, there }: ReturnType<typeof report>,
  isDry: boolean,
): string =>
  isDry
    ? `${context}: ${toCopy} files to copy (${byteText(bytes)} of references), ${there} there already\n`
    : `${context}: ${copied} files copied (${byteText(bytes)} of references), ${there} there already\n`;

interface SyncOptions {
  readonly directory: string;
  readonly isDry: boolean;
  readonly isJson: boolean;
  readonly plan: PlanOptions;
}

const listFiles = async (plan: SyncPlan): Promise<void> => {
  for (const { source } of plan.references) await print(`  ${source.name}  ${byteText(source.size)}\n`);
  for (const { name } of plan.mappings) await print(`  ${name}\n`);
};

/** Exit code: 1 when a reference is on neither side. */
const syncAll = async (
  contextOf: (name: string | undefined) => Promise<OriginContext>,
  wanted: readonly string[],
  { directory, isDry, isJson, plan: planOptions }: SyncOptions,
): Promise<number> => {
  let isLacking = false;
  for (const name of wanted.length > 0 ? wanted : [undefined]) {
    const origin = await contextOf(name);
    const plan = await planSync(origin, destinationIn(directory, origin.observatory), planOptions);
    if (!isDry) {
      mkdirSync(directory, { recursive: true });
      await carryOut(origin, plan, directory);
    } else if (!isJson) await listFiles(plan);
    const done = report(origin, plan, isDry);
    await print(isJson ? `${JSON.stringify(done)}\n` : text(done, isDry));
    for (const file of plan.absent) {
      isLacking = true;
      process.stderr.write(`drs: ${file} is named by the rules of ${origin.name} and lies on neither side\n`);
    }
  }
  return isLacking ? 1 : 0;
};

/**
 * `drs refs sync --from DIR|HOST:PORT`: copies contexts and the references their rules name into the cache. What is there stays;
 * what an interrupted run left is gone on with.
 *
 * @returns 1 when the origin lacks a reference that its own rules name
 */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    {
      ...CACHE_FLAGS,
      from: { type: 'string' },
      contexts: { type: 'string' },
      'no-references': { type: 'boolean' },
      'check-sha1sum': { type: 'boolean' },
      'repair-files': { type: 'boolean' },
      'dry-run': { type: 'boolean' },
    },
    usage,
  );
  const { from } = values;
  if (from === undefined) throw usageError(`--from DIR or HOST:PORT is needed\nusage: drs ${usage}`);
  const directory = cacheDirectory(values);
  const wanted = [...positionals, ...(values.contexts ?? values.context ?? '').split(/[\s,]+/)].filter(
    Boolean,
  );
  if (existsSync(directory) && existsSync(from) && realpathSync(directory) === realpathSync(from)) {
    throw usageError(`--from ${from} is the cache itself; name another directory`);
  }
  const options: SyncOptions = {
    directory,
    isDry: values['dry-run'] ?? false,
    isJson: values.json ?? false,
    plan: {
      isWithReferences: !values['no-references'],
      isSumChecked: values['check-sha1sum'] ?? false,
      isRepaired: values['repair-files'] ?? false,
    },
  };
  if (isAddress(from) && !existsSync(from)) {
    return withRemote(from, (remote) => syncAll((name) => contextOfService(remote, name), wanted, options));
  }
  return syncAll((name) => contextOfDirectory(from, name), wanted, options);
};
