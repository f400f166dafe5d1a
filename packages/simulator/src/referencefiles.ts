import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Header, type HeaderEntry, type ImageHdu } from '@iris-drs/fits';
import { writeBandFile } from './bandfile.ts';
import type { Crew } from './crew.ts';
import { CONTEXT, contextMappings, type MappedReference } from './mappings.ts';
import {
  type CalibrationSettings,
  type ReferenceType,
  referenceLayout,
  referenceTypes,
} from './reference.ts';

export interface ReferenceFilesOptions {
  /** Root of the CRDS cache; must exist or can be made. */
  readonly refs: string;
  /** One for each detector. */
  readonly calibrations: readonly CalibrationSettings[];
  readonly filter: string;
  readonly pupil: string;
  readonly onFile?: (path: string) => void;
  /** Types to be made; all that the calibrations make. */
  readonly types?: readonly ReferenceType[];
  /** Makes the files of further detectors from those of the first; else each is worked out. */
  readonly alike?: (first: string, other: string) => void;
}

/** Date from which the simulated references hold. */
const USE_AFTER = '2030-01-01 00:00:00';

const UNITS: Readonly<Partial<Record<ReferenceType, string>>> = {
  dark: 'DN/s',
  gain: 'electron/DN',
  rampdark: 'DN',
  readnoise: 'DN',
  saturation: 'DN',
  superbias: 'DN',
};

const DESCRIPTION: Readonly<Record<ReferenceType, string>> = {
  dark: 'dark current',
  flat: 'pixel response in DN over its median',
  gain: 'electrons per DN',
  linearity: 'linear = c0 + c1 x + c2 x^2 + c3 x^3, x in DN above bias',
  mask: 'bad pixels',
  nonlincoeff: 'linear = x (1 + c0 + c1 x + c2 x^2), x in DN above bias',
  rampdark: 'dark signal in each read of a ramp',
  readnoise: 'standard deviation of a single read',
  saturation: 'DN as read from which a read is not to be used',
  superbias: 'read at zero signal',
};

const REFERENCE_KEYWORDS: Readonly<Partial<Record<ReferenceType, readonly HeaderEntry[]>>> = {
  linearity: [['NLFORM', 'POLYNOMIAL', 'linear = sum of c_i x^i']],
  nonlincoeff: [['NLFORM', 'RELATIVE', 'linear = x (1 + sum of c_i x^i)']],
  readnoise: [['NOISEKND', 'SINGLE', 'noise of one read, not of a difference']],
};

function primary(
  type: ReferenceType,
  calibration: CalibrationSettings,
  options: ReferenceFilesOptions,
): Header {
  const { detector, darkFrames, reads, readSeconds } = calibration;
  return Header.from([
    ['TELESCOP', 'TMT', 'telescope'],
    ['INSTRUME', 'IRIS', 'instrument'],
    ['DETECTOR', detector.detector, 'detector'],
    ...(type === 'flat'
      ? ([
          ['FILTER', options.filter, 'filter'],
          ['PUPIL', options.pupil, 'pupil'],
        ] as const)
      : []),
    ['SUBARRAY', type === 'mask' ? 'GENERIC' : 'FULL', 'subarray'],
    ['REFTYPE', type.toUpperCase(), 'type of reference'],
    ['USEAFTER', USE_AFTER.replace(' ', 'T'), 'holds from this UTC on'],
    ['PEDIGREE', 'SIMULATION', 'origin'],
    ['AUTHOR', 'iris-drs simulator', 'made by'],
    ['DESCRIP', DESCRIPTION[type], 'content'],
    ...(type === 'dark' || type === 'superbias' || type === 'rampdark'
      ? ([
          ['NCOMBINE', darkFrames, 'frames averaged'],
          ['NREADS', reads, 'reads in each'],
          ['TGROUP', readSeconds, '[s] between reads'],
        ] as const)
      : []),
    ...(REFERENCE_KEYWORDS[type] ?? []),
  ]);
}

async function writeReference(
  path: string,
  type: ReferenceType,
  calibration: CalibrationSettings,
  options: ReferenceFilesOptions,
  crew: Crew,
): Promise<void> {
  const [ny, nx] = calibration.detector.shape;
  const unit = UNITS[type];
  const layout = referenceLayout(type, calibration);
  const extensions = layout.map(
    ({ name, dtype, planes }): ImageHdu => ({
      kind: 'image',
      name,
      version: 1,
      shape: planes === 1 ? [ny, nx] : [planes, ny, nx],
      dtype,
      ...(unit && dtype === 'float32' ? { header: Header.from([['BUNIT', unit]]) } : {}),
    }),
  );
  const planes = layout.reduce((sum, extension) => sum + extension.planes, 0);
  await writeBandFile(
    {
      path,
      hdus: [{ kind: 'image', shape: [], header: primary(type, calibration, options) }, ...extensions],
      filled: extensions.map((_, i) => i + 1),
      source: { kind: 'reference', type, calibration },
      rows: ny,
      rowBytes: planes * nx * 4,
    },
    crew,
  );
}

/**
 * Writes the reference files of the detectors and the CRDS cache that leads to them: references/tmt/iris,
 * mappings/tmt (context tmt_0001.pmap) and config/tmt.
 *
 * @returns paths of the reference files
 */
export async function writeReferenceFiles(options: ReferenceFilesOptions, crew: Crew): Promise<string[]> {
  const directory = join(options.refs, 'references', 'tmt', 'iris');
  mkdirSync(directory, { recursive: true });
  const paths: string[] = [];
  const mapped = new Map<ReferenceType, MappedReference[]>();
  for (const calibration of options.calibrations) {
    const { detector } = calibration.detector;
    for (const type of referenceTypes(calibration)) {
      if (options.types && !options.types.includes(type)) continue;
      const file = `tmt_iris_${type}_${detector.toLowerCase()}_0001.fits`;
      const first = mapped.get(type)?.[0];
      if (first && options.alike) options.alike(join(directory, first.file), join(directory, file));
      else await writeReference(join(directory, file), type, calibration, options, crew);
      const entry = { detector, file, filter: options.filter, pupil: options.pupil };
      mapped.set(type, [...(mapped.get(type) ?? []), entry]);
      paths.push(join(directory, file));
      options.onFile?.(join(directory, file));
    }
  }
  writeCache(options.refs, mapped);
  return paths;
}

function writeCache(refs: string, mapped: ReadonlyMap<ReferenceType, readonly MappedReference[]>): void {
  const mappings = join(refs, 'mappings', 'tmt');
  const config = join(refs, 'config', 'tmt');
  for (const directory of [mappings, config]) mkdirSync(directory, { recursive: true });
  for (const { name, text } of contextMappings(mapped, USE_AFTER)) writeFileSync(join(mappings, name), text);
  writeFileSync(join(config, 'ref_cache_subdir_mode'), 'instrument\n');
  // CRDS reads this as a literal of Python; JSON without true, false and null is one.
  const server = { observatory: 'tmt', operational_context: CONTEXT, edit_context: CONTEXT, bad_files: '' };
  writeFileSync(join(config, 'server_config'), `${JSON.stringify(server, null, 4)}\n`);
}
