import { spawnSync } from 'node:child_process';

const PYTHON = process.env.DRS_PYTHON ?? '/usr/bin/python3';

const absent = (what: string): undefined => {
  if (process.env.DRS_REQUIRE_ORACLES === '1') throw new Error(`oracle missing: ${what}`);
  console.warn(`oracle missing, not checked: ${what}`);
  return undefined;
};

/** The last line of fitsverify's report; undefined where it is not installed. */
export const fitsverify = (path: string): string | undefined => {
  const run = spawnSync('fitsverify', [path], { encoding: 'utf8' });
  if (run.error) return absent('fitsverify');
  const verdict = /Verification found .*\./.exec(run.stdout)?.[0] ?? run.stdout;
  return / 0 warning\(s\) and 0 error\(s\)/.test(verdict) ? verdict : run.stdout;
};

/** An HDU as astropy sees it. */
export interface AstropyHdu {
  readonly name: string;
  readonly shape: readonly number[] | null;
  readonly dtype: string | null;
  readonly unit: string | null;
  /** The unit as astropy.units understands it, in its own spelling. */
  readonly parsed: string | null;
  readonly cards: Readonly<Record<string, unknown>>;
  /** Sum of the pixels, NaN left out. */
  readonly sum: number | null;
}

const PROGRAM = `
import json, sys
import numpy as np
from astropy import units
from astropy.io import fits
from astropy.wcs import WCS
out = []
for path in sys.argv[1:]:
    with fits.open(path, checksum=True) as hdus:
        hdus.verify('exception')
        found = []
        for hdu in hdus:
            data = hdu.data if hdu.is_image else None
            unit = hdu.header.get('BUNIT')
            cards = {k: v for k, v in hdu.header.items()
                     if k not in ('COMMENT', 'HISTORY', '') and isinstance(v, (str, int, float, bool))}
            found.append(dict(
                name=hdu.name, shape=None if data is None else list(data.shape),
                dtype=None if data is None else data.dtype.name, unit=unit,
                parsed=None if unit is None else units.Unit(unit).to_string(), cards=cards,
                sum=None if data is None else float(np.nansum(data, dtype='f8'))))
        sky = None
        header = hdus['SCI'].header
        if 'CTYPE1' in header:
            at = WCS(header, hdus).pixel_to_world(header['CRPIX1'] - 1, header['CRPIX2'] - 1)
            sky = [at.ra.deg, at.dec.deg]
        out.append(dict(hdus=found, sky=sky))
print(json.dumps(out, allow_nan=False))
`;

/**
 * What astropy makes of files, every warning of its being an error, a wrong checksum among them.
 * @returns undefined where there is no astropy
 */
export const astropy = (
  paths: readonly string[],
):
  | { readonly hdus: readonly AstropyHdu[]; readonly sky: readonly [ra: number, dec: number] | null }[]
  | undefined => {
  if (spawnSync(PYTHON, ['-c', 'import astropy, numpy']).status !== 0) return absent('python3-astropy');
  const run = spawnSync(PYTHON, ['-W', 'error', '-c', PROGRAM, ...paths], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`astropy refused a product: ${run.stderr}`);
  return JSON.parse(run.stdout);
};
