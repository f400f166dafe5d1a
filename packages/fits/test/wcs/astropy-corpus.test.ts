import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWcs, type Wcs, WcsError } from '../../src/index.ts';
import { openFile } from '../../src/node.ts';
import { compare, parseTruth, type Truth, truthOfFiles } from './truth.ts';

/** The headers that astropy ships to test its own coordinates. */
const DIRECTORY = '/usr/lib/python3/dist-packages/astropy/wcs/tests/data';

/** Descriptions that astropy reads and we refuse, with the code of the refusal and why it is right. */
const REFUSED: Readonly<Record<string, readonly [code: string, why: string]>> = {
  'chandra-pixlist-wcs.hdr': ['NO_WCS', 'coordinates of table columns only; astropy makes up two axes'],
  'dist.fits#0': ['UNSUPPORTED', 'detector to image lookup table (AXISCORR)'],
  'dist_lookup.fits.gz#0': ['NO_WCS', 'primary HDU without data or coordinates; astropy makes up two axes'],
  'dist_lookup.fits.gz#1': ['UNSUPPORTED', 'lookup tables of the distortion paper and detector to image'],
  'dist_lookup.fits.gz#1[O]': ['UNSUPPORTED', 'detector to image lookup table'],
  'dss.14.29.56-62.41.05.fits.gz#0': ['UNSUPPORTED', 'plate solution of the Digitized Sky Survey'],
  'ie6d07ujq_wcs.fits#0': ['UNSUPPORTED', 'detector to image lookup table'],
  'j94f05bgq_flt.fits#0': ['NO_WCS', 'primary HDU without data or coordinates; astropy makes up two axes'],
  'validate.fits#0': ['NO_WCS', 'primary HDU without data or coordinates; astropy makes up two axes'],
};

/** Solved by iteration, which stops where wcslib's does (1e-13, 1e-12 of a radian). */
const ITERATED = /^2wcses|ZPN|AIR/;

const present = existsSync(DIRECTORY);
const files = present
  ? readdirSync(DIRECTORY, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(hdr|fits|fits\.gz)$/.test(name),
    )
  : [];
const truths = present ? (truthOfFiles(files.map((name) => join(DIRECTORY, name))) ?? []) : [];
const named = truths.map((truth) => {
  const name = truth.name.slice(DIRECTORY.length + 1);
  return [truth.key === '' ? name : `${name}[${truth.key}]`, truth] as const;
});

async function parse(truth: Truth): Promise<Wcs> {
  const [path, index] = truth.name.split('#');
  if (index === undefined || path?.endsWith('.gz')) return parseTruth(truth);
  using fits = await openFile(path as string);
  return await readWcs(fits, fits.hdu(Number(index)), { alternate: truth.key });
}

it('is complete', () => {
  if (!present && process.env.DRS_REQUIRE_ORACLES === '1') throw new Error(`oracle missing: ${DIRECTORY}`);
  if (named.length === 0) return;
  expect(named.length).toBeGreaterThan(110);
  const names = named.map(([name]) => name);
  for (const name of Object.keys(REFUSED)) expect(names).toContain(name);
});

describe.each(named)('%s', (name, truth) => {
  it('agrees with wcslib to 1e-6 mas, or is refused by both', async () => {
    const refusal = REFUSED[name]?.[0];
    if (truth.error !== undefined || refusal !== undefined) {
      const error = await parse(truth).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(WcsError);
      if (refusal !== undefined) expect((error as WcsError).code).toBe(refusal);
      return;
    }
    const wcs = await parse(truth);
    const differences = compare(wcs, truth);
    expect(differences.solutions).toBe(0);
    expect(differences.sky).toBeLessThan(1e-6);
    expect(differences.other).toBeLessThan(1);
    expect(differences.inverseSolutions).toBe(0);
    expect(differences.inverse).toBeLessThan(1e-9);
    // The COBE cube is defined by polynomials that are no inverses of each other.
    if (!name.includes('CSC')) expect(differences.roundTrip).toBeLessThan(ITERATED.test(name) ? 1e-7 : 1e-9);
    expect(wcs.axes.length).toBe(truth.axes);
  });

  it('refers to the same frame', async () => {
    if (truth.error !== undefined || REFUSED[name] !== undefined) return;
    const { frame, celestial } = await parse(truth);
    expect(frame.radesys ?? '').toBe(truth.radesys);
    expect(frame.equinox ?? null).toBe(truth.equinox);
    expect(frame.specsys ?? '').toBe(truth.specsys);
    if (celestial) expect([celestial.longitude, celestial.latitude]).toEqual([truth.lng, truth.lat]);
  });
});
