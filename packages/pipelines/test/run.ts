import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCache, localReferences, REFERENCE_TYPES } from '@iris-drs/crds';
import { type FitsValue, Header, type ImageHdu, readImage } from '@iris-drs/fits';
import { openFile, writeFile } from '@iris-drs/fits/node';
import { type Engine, openEngine } from '@iris-drs/kernels';
import { configure } from '@iris-drs/stpipe';
import { afterAll, beforeAll } from 'vitest';
import { type RunProgress, runConfigured, stepLookup } from '../src/index.ts';

export const SHAPE = [6, 8] as const;
const COUNT = SHAPE[0] * SHAPE[1];

/** Pixels from a function of their index. */
export const pixels = (value: (i: number) => number): Float32Array =>
  Float32Array.from({ length: COUNT }, (_, i) => value(i));

const KEYWORDS: readonly (readonly [string, FitsValue])[] = [
  ['INSTRUME', 'IRIS'],
  ['DETECTOR', 'IRIS1'],
  ['SUBARRAY', 'FULL'],
  ['DATE-OBS', '2019-10-04'],
  ['TIME-OBS', '17:00:00.000'],
];

interface FrameInit {
  readonly sci: Float32Array;
  readonly dq?: Uint32Array;
  readonly err?: Float32Array;
  readonly map?: Uint16Array;
  readonly unit?: string;
  readonly keywords?: readonly (readonly [string, FitsValue])[];
}

/** A directory of frames with a CRDS cache whose rules know a dark for IRIS1. */
export const workplace = () => {
  const cwd = mkdtempSync(join(tmpdir(), 'drs-pipelines-'));
  const cache = join(cwd, 'crds');
  let engine: Engine | undefined;
  const path = (name: string): string => join(cwd, name);

  const write = (name: string, { sci, dq, err, map, unit = 'DN/s', keywords = [] }: FrameInit): string => {
    const shape = [...SHAPE];
    const image = (hdu: string, data: Float32Array | Uint32Array | Uint16Array): ImageHdu => ({
      kind: 'image',
      name: hdu,
      header: Header.from(hdu === 'SCI' && unit !== '' ? [['BUNIT', unit]] : []),
      shape,
      data,
    });
    writeFile(path(name), [
      {
        kind: 'image',
        header: Header.from([...new Map([...KEYWORDS, ...keywords])]),
        shape: [],
        dtype: 'uint8',
      },
      image('SCI', sci),
      ...(dq ? [image('DQ', dq)] : []),
      ...(err ? [image('ERR', err)] : []),
      ...(map ? [image('SUBARR_MAP', map)] : []),
    ]);
    return path(name);
  };

  beforeAll(async () => {
    engine = await openEngine({ threads: 1 });
    mkdirSync(cache);
    mkdirSync(join(cwd, 'tmp'));
    // Of this test alone: others run at the same time.
    process.env.TMPDIR = join(cwd, 'tmp');
    const dark = write('dark.fits', { sci: DARK });
    await buildCache(cache, {
      types: {
        ...Object.fromEntries(REFERENCE_TYPES.map((type) => [type, 'N/A' as const])),
        dark: {
          parameters: ['META.INSTRUMENT.DETECTOR'],
          references: [
            { match: ['IRIS1'], useAfter: '1900-01-01 00:00:00', file: 'dark_1.fits', from: dark },
          ],
        },
      },
    });
  });
  afterAll(async () => {
    await engine?.close();
    rmSync(cwd, { recursive: true, force: true });
  });

  const run = async (
    target: string,
    inputs: readonly string[],
    options: Readonly<Record<string, string>> = {},
    { references = true, stripPixels }: { references?: boolean; stripPixels?: number } = {},
  ) => {
    const lines: string[] = [];
    const seen: RunProgress[] = [];
    const saved = await runConfigured({
      configured: configure({ target, options: Object.entries(options), steps: stepLookup, cwd }),
      ...{ inputs, cwd, engine: engine! },
      ...(stripPixels === undefined ? {} : { stripPixels }),
      references: references ? localReferences({ path: cache }) : undefined,
      log: (name, level, message) => void lines.push(`${name} - ${level} - ${message}`),
      progress: (progress) => void seen.push(progress),
    });
    return { saved: saved.map((file) => file.slice(cwd.length + 1)), lines, seen };
  };

  /** Pool bytes in use: 0 when nothing leaks. */
  const held = (): number => engine!.pool.usedBytes;

  return { cwd, path, write, run, held };
};

/** Larger than any signal, so that a dark that leaves twice shows. */
export const DARK = pixels((i) => 5000 + 37 * i);

/** Pixels and primary header of a product. */
export const product = async (path: string) => {
  using fits = await openFile(path);
  const data = async (name: string): Promise<Float64Array> =>
    Float64Array.from((await readImage(fits, fits.hdu(name))).data, Number);
  const names = fits.hdus.map(({ name }) => name);
  return {
    header: fits.hdus[0]!.header,
    unit: fits.hdu('SCI').header.get('BUNIT'),
    names,
    sci: await data('SCI'),
    dq: await data('DQ'),
    err: names.includes('ERR') ? await data('ERR') : undefined,
    varRnoise: await data('VAR_RNOISE'),
    varFlat: names.includes('VAR_FLAT') ? await data('VAR_FLAT') : undefined,
  };
};

/** Largest difference in units of `scale`. */
export const worst = (found: Float64Array, expected: (i: number) => number, scale: number): number =>
  found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected(i))), 0) / scale;
