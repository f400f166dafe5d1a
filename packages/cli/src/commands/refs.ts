import { usageError } from '../errors.ts';
import { asRefsError } from './refs/failures.ts';

export const usage =
  'refs COMMAND … [--refs DIR] [--context PMAP] [--json]\n' +
  '      match MAPPING < HEADERS.ndjson\n' +
  '      bestrefs FILE… [--types dark,flat]\n' +
  '      list [contexts|mappings|references]\n' +
  '      show NAME\n' +
  '      checksum MAPPING… [--verify|--update]\n' +
  '      sync --from DIR [--contexts PMAP,…] [--no-references] [--check-sha1sum] [--dry-run]';
export const summary =
  'reference files and the CRDS rules that choose them; the cache is DIR, else CRDS_PATH, else ~/crds_cache; the ' +
  'context PMAP, else CRDS_CONTEXT, else the latest in the cache. match prints a JSON line for each JSON line of ' +
  'keywords: {"ref": …} or {"error": KIND, "message": …}';

interface Subcommand {
  run(args: readonly string[], usage: string): Promise<number>;
}

const SUBCOMMANDS: Readonly<Record<string, () => Promise<Subcommand>>> = {
  match: () => import('./refs/match.ts'),
  bestrefs: () => import('./refs/bestrefs.ts'),
  list: () => import('./refs/list.ts'),
  show: () => import('./refs/show.ts'),
  checksum: () => import('./refs/checksum.ts'),
  sync: () => import('./refs/sync.ts'),
};

export const run = async ([name, ...args]: readonly string[]): Promise<number> => {
  const load = name !== undefined && Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  if (!load) {
    const found = name === undefined ? 'what to do is missing' : `no 'refs ${name}'`;
    throw usageError(`${found}; expected one of ${Object.keys(SUBCOMMANDS).join(', ')}\nusage: drs ${usage}`);
  }
  try {
    return await (await load()).run(args, usage);
  } catch (error) {
    throw asRefsError(error);
  }
};
