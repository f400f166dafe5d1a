import { copyFileSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { readImage } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { beforeAll, expect, it } from 'vitest';
import { scratch } from '../science/chain.ts';
import { readWithFitsJs } from './fitsjs.ts';
import { astropy, fitsverify } from './oracles.ts';
import { type Made, makeProducts } from './products.ts';

const directory = scratch();
let products: Made[] = [];
beforeAll(async () => {
  products = await makeProducts(directory);
});

it('fitsverify finds neither error nor warning in any product', () => {
  for (const { what, path } of products) {
    const verdict = fitsverify(path);
    if (verdict === undefined) return;
    expect(verdict, what).toMatch(/^Verification found 0 warning\(s\) and 0 error\(s\)\.$/);
  }
});

const UNITS = { SCI: ['DN/s', 'DN / s'], ERR: ['DN/s', 'DN / s'], VAR: ['DN2/s2', 'DN2 / s2'] } as const;

it('astropy opens every product without a warning: checksums, HDUs, types and units are those of the contract', () => {
  const seen = astropy(products.map(({ path }) => path));
  for (const [i, { what, hdus }] of products.entries()) {
    const found = seen?.[i]?.hdus;
    if (!found) return;
    expect(
      found.map(({ name }) => name),
      what,
    ).toEqual(hdus);
    const shape = found[1]?.shape;
    for (const { name, dtype, unit, parsed, cards, shape: own } of found) {
      if (name === 'PRIMARY' || name === 'LOGBOOK') continue;
      expect([dtype, own], `${what} ${name}`).toEqual([name === 'DQ' ? 'uint32' : 'float32', shape]);
      const expected = name === 'DQ' ? [null, null] : UNITS[name.startsWith('VAR') ? 'VAR' : (name as 'SCI')];
      expect([unit, parsed], `${what} ${name}`).toEqual(expected);
      expect([typeof cards.CHECKSUM, typeof cards.DATASUM]).toEqual(['string', 'string']);
    }
  }
});

it('headers come through as astropy understands them: provenance, long texts, hierarchical keywords', () => {
  const seen = astropy(products.map(({ path }) => path));
  if (!seen) return;
  const cards = (what: string) => seen[products.findIndex((one) => one.what === what)]!.hdus[0]!.cards;
  expect(cards('simulated L2, two skies')).toMatchObject({
    TELESCOP: 'TMT',
    S_SATURA: 'COMPLETE',
    S_SUPERB: 'COMPLETE',
    S_LINEAR: 'COMPLETE',
    S_RAMP: 'COMPLETE',
    S_DQINIT: 'COMPLETE',
    S_DARK: 'COMPLETE',
    S_FLAT: 'COMPLETE',
    S_BKDSUB: 'COMPLETE',
    R_GAIN: 'crds://tmt_iris_gain_img1_0001.fits',
    R_LINEAR: 'crds://tmt_iris_nonlincoeff_img1_0001.fits',
    CRDS_CTX: 'tmt_0001.pmap',
    BKGMETH: 'SKY',
    NBKG: 2,
    NRMPUSED: 2,
  });
  expect(cards('raw frame with an unknown extension')).toMatchObject({
    OBSERVER: `${'a long list of names, '.repeat(8)}and O'Hara`,
    'TMT DETECTOR TEMPERATURE': 38.5,
    S_DARK: 'SKIPPED',
  });
});

it('world coordinates stay with the pixels', () => {
  const at = ['simulated SCI L1', 'raw frame with an unknown extension'].map((what) =>
    products.find((one) => one.what === what),
  );
  const seen = astropy(at.map((one) => one!.path));
  if (!seen) return;
  const [simulated, handMade] = seen.map(({ sky }) => sky!);
  expect(simulated![0]).toBeCloseTo(40.1696, 9);
  expect(simulated![1]).toBeCloseTo(-0.0133, 9);
  expect(handMade![0]).toBeCloseTo(40.17, 9);
  expect(handMade![1]).toBeCloseTo(-0.013, 9);
});

it('fitsjs reads every image plane as we do', async () => {
  let planes = 0;
  for (const { what, path, hdus } of products) {
    const theirs = await readWithFitsJs(path);
    expect(
      theirs.map(({ name }) => name),
      what,
    ).toEqual(hdus.filter((name) => name !== 'PRIMARY' && name !== 'LOGBOOK'));
    using fits = await openFile(path);
    for (const { name, shape, data } of theirs) {
      const ours = await readImage(fits, fits.hdu(name));
      expect([...ours.shape], `${what} ${name}`).toEqual(shape);
      const different = Array.from(ours.data, Number).findIndex((value, i) => !Object.is(value, data[i]));
      expect(different, `${what} ${name}: first pixel that differs`).toBe(-1);
      planes += 1;
    }
  }
  expect(planes).toBeGreaterThanOrEqual(50);
});

it('the oracles have teeth: a flipped bit in a product is noticed', async () => {
  const { path } = products[0]!;
  const damaged = join(directory, 'damaged.fits');
  copyFileSync(path, damaged);
  using fits = await openFile(path);
  writeSync(openSync(damaged, 'r+'), Uint8Array.of(0x41), 0, 1, fits.hdu('SCI').dataOffset + 5);
  const verdict = fitsverify(damaged);
  if (verdict !== undefined) expect(verdict).toMatch(/Data checksum is not consistent/);
  expect(() => {
    if (!astropy([damaged])) throw new Error('astropy refused a product: there is none');
  }).toThrow(/astropy refused a product/);
});
