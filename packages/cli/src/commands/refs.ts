import { usageError } from '../errors.ts';
import { asRefsError } from './refs/failures.ts';

export const usage =
  'refs COMMAND … [--refs DIR] [--context PMAP] [--json]\n' +
  '      match MAPPING < HEADERS.ndjson\n' +
  '      bestrefs FILE… [--types dark,flat] [--remote HOST:PORT]\n' +
  '      why FILE TYPE [--remote HOST:PORT]\n' +
  '      list [contexts|mappings|references] [--remote HOST:PORT]\n' +
  '      show NAME\n' +
  '      diff A B\n' +
  '      certify FILE… [--type TYPE] [--dont-recurse-mappings]\n' +
  '      ingest FILE… --why TEXT [--by NAME] [--type TYPE] [--dry-run] [--remote HOST:PORT]\n' +
  '      activate CONTEXT --why TEXT [--by NAME] [--expected CONTEXT] [--remote HOST:PORT]\n' +
  '      rollback --why TEXT [--by NAME] [--expected CONTEXT] [--remote HOST:PORT]\n' +
  '      history [--limit N] [--remote HOST:PORT]\n' +
  '      checksum MAPPING… [--verify|--update]\n' +
  '      sync --from DIR|HOST:PORT [--contexts PMAP,…] [--no-references] [--check-sha1sum] [--repair-files] [--dry-run]';
export const summary =
  'reference files and the CRDS rules that choose them. The cache is DIR, else CRDS_PATH, else ~/crds_cache; the ' +
  'context PMAP, else CRDS_CONTEXT, else the one in force. --remote asks a reference service (refdb) in the place of ' +
  'the cache, with the token in DRS_TOKEN. match prints a JSON line for each JSON line of keywords: {"ref": …} or ' +
  '{"error": KIND, "message": …}. FILE is a FITS file, or for bestrefs and why also a .json file of keywords';

interface Subcommand {
  run(args: readonly string[], usage: string): Promise<number>;
}

const SUBCOMMANDS: Readonly<Record<string, () => Promise<Subcommand>>> = {
  match: () => import('./refs/match.ts'),
  bestrefs: () => import('./refs/bestrefs.ts'),
  why: () => import('./refs/why.ts'),
  list: () => import('./refs/list.ts'),
  show: () => import('./refs/show.ts'),
  diff: () => import('./refs/diff.ts'),
  certify: () => import('./refs/certify.ts'),
  ingest: () => import('./refs/ingest.ts'),
  activate: async () => ({ run: (await import('./refs/activate.ts')).runActivate }),
  rollback: async () => ({ run: (await import('./refs/activate.ts')).runRollback }),
  history: () => import('./refs/history.ts'),
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
