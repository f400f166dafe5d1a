import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writeAtomically } from '@iris-drs/fits/node';
import { CrdsError } from '../errors.ts';
import { formatMapping, type MappingText } from '../format.ts';
import { cacheChanged } from './changes.ts';
import { contextsOf } from './layout.ts';

/** One reference file and what it is for. */
export interface CacheReference {
  /** Values of the parameters the type is chosen by; `N/A` for one that does not count. */
  readonly match: readonly string[];
  /** 'YYYY-MM-DD HH:MM:SS' */
  readonly useAfter: string;
  /** Name in the cache, or `N/A`. */
  readonly file: string;
  /** File to copy into the cache under that name. */
  readonly from?: string;
}

/** How one reference type is chosen; `N/A` when none ever applies. */
export type CacheRules =
  | 'N/A'
  | { readonly parameters: readonly string[]; readonly references: readonly CacheReference[] };

export interface CacheSpec {
  /** Number of the context and of its mappings; default 1. */
  readonly serial?: number;
  /** By reference type. */
  readonly types: Readonly<Record<string, CacheRules>>;
}

const OBSERVATORY = 'tmt';
const INSTRUMENT = 'iris';

/** Reference types of the pipelines, all of which an empty cache answers with N/A. */
export const REFERENCE_TYPES: readonly string[] = [
  'apcorr',
  'area',
  'bias',
  'dark',
  'dflat',
  'distortion',
  'drizpars',
  'extract1d',
  'fflat',
  'filteroffset',
  'flat',
  'fringe',
  'gain',
  'ipc',
  'linearity',
  'mask',
  'nonlincoeff',
  'persat',
  'photom',
  'psf',
  'readnoise',
  'rectmat',
  'refpix',
  'regions',
  'reset',
  'saturation',
  'sflat',
  'specwcs',
  'superbias',
  'trapdensity',
  'trappars',
  'wavecal',
  'wavelengthrange',
];

/** Writes a mapping file with its sha1sum, atomically. */
export const writeMapping = async (path: string, mapping: MappingText): Promise<void> => {
  const text = formatMapping({ ...mapping, header: { name: basename(path), ...mapping.header } });
  await writeAtomically(path, (fd) => writeFileSync(fd, text));
  cacheChanged();
};

/**
 * Makes a CRDS cache for IRIS, or adds a context to one: copies the files and writes the mappings, the .pmap last
 * so that a reader never sees half a context.
 * @returns the name of the context
 */
export const buildCache = async (dir: string, spec: CacheSpec): Promise<string> => {
  const serial = String(spec.serial ?? 1).padStart(4, '0');
  const mappings = join(dir, 'mappings', OBSERVATORY);
  const references = join(dir, 'references', OBSERVATORY, INSTRUMENT);
  const config = join(dir, 'config', OBSERVATORY);
  for (const path of [mappings, references, config]) mkdirSync(path, { recursive: true });
  await writeAtomically(join(config, 'ref_cache_subdir_mode'), (fd) => writeFileSync(fd, 'instrument'));
  const common = { derived_from: 'generated', observatory: OBSERVATORY.toUpperCase() };
  const listed: Record<string, string> = {};
  for (const [type, rules] of Object.entries(spec.types)) {
    if (rules === 'N/A') {
      listed[type.toUpperCase()] = 'N/A';
      continue;
    }
    const name = `${OBSERVATORY}_${INSTRUMENT}_${type.toLowerCase()}_${serial}.rmap`;
    listed[type.toUpperCase()] = name;
    const byKey = new Map<string, (readonly [string, string])[]>();
    for (const { match, useAfter, file, from } of rules.references) {
      if (from !== undefined) copyFileSync(from, join(references, file));
      const key = JSON.stringify(match);
      byKey.set(key, [...(byKey.get(key) ?? []), [useAfter, file]]);
    }
    await writeMapping(join(mappings, name), {
      header: {
        ...common,
        classes: ['Match', 'UseAfter'],
        filekind: type.toUpperCase(),
        instrument: INSTRUMENT.toUpperCase(),
        mapping: 'REFERENCE',
        parkey: [rules.parameters, ['META.OBSERVATION.DATE', 'META.OBSERVATION.TIME']],
      },
      selector: {
        selector: 'Match',
        rules: [...byKey].map(([key, dates]) => [JSON.parse(key), { selector: 'UseAfter', rules: dates }]),
      },
    });
  }
  const imap = `${OBSERVATORY}_${INSTRUMENT}_${serial}.imap`;
  await writeMapping(join(mappings, imap), {
    header: {
      ...common,
      instrument: INSTRUMENT.toUpperCase(),
      mapping: 'INSTRUMENT',
      parkey: ['REFTYPE'],
    },
    selector: listed,
  });
  const context = `${OBSERVATORY}_${serial}.pmap`;
  await writeMapping(join(mappings, context), {
    header: { ...common, mapping: 'PIPELINE', parkey: ['META.INSTRUMENT.NAME'] },
    selector: { [INSTRUMENT.toUpperCase()]: imap },
  });
  return context;
};

/** Files of an empty cache that another process may be making at the same time. */
const OWN_FILES = new Set(['ref_cache_subdir_mode', `${OBSERVATORY}_${INSTRUMENT}_0001.imap`]);

/**
 * Makes an empty or absent directory into a cache whose rules answer N/A for every type. A cache is left as it is.
 *
 * @returns true when the cache was made
 * @throws CrdsError CacheNotEmpty for a directory that holds other things
 */
export const initialiseCache = async (
  dir: string,
  types: readonly string[] = REFERENCE_TYPES,
): Promise<boolean> => {
  if (contextsOf(dir).length > 0) return false;
  mkdirSync(dir, { recursive: true });
  const other = readdirSync(dir, { recursive: true, withFileTypes: true }).find(
    (entry) => entry.isFile() && !OWN_FILES.has(entry.name) && !entry.name.startsWith('.'),
  )?.name;
  if (other !== undefined) {
    const message = `${dir} is no CRDS cache and not empty: it holds ${other}. Give a cache or an empty directory.`;
    throw new CrdsError('CacheNotEmpty', message);
  }
  await buildCache(dir, { types: Object.fromEntries(types.map((type) => [type, 'N/A' as const])) });
  return true;
};
