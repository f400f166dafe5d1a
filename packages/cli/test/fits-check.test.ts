import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HduInit, Header, readImage } from '@iris-drs/fits';
import { openFile, writeFile } from '@iris-drs/fits/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { drs, oracleMissing, testDirectory } from './drs.ts';

const directory = testDirectory();
const path = (name: string) => join(directory, name);
const [ny, nx] = [40, 30];

const frame = (change: (data: Uint16Array) => void = () => {}): HduInit[] => {
  const data = Uint16Array.from({ length: ny * nx }, (_, i) => 1000 + ((i * 7919) % 61));
  change(data);
  return [
    { kind: 'image', shape: [ny, nx], data, header: Header.from([['OBJECT', 'NGC 1068', 'target']]) },
    { kind: 'image', name: 'ERR', shape: [2, 2], data: Float32Array.of(1, 2, 3, Number.NaN) },
    { kind: 'bintable', name: 'TIMES', columns: [{ name: 'MJD', data: Float64Array.of(65000.5, 65000.75) }] },
  ];
};

beforeAll(() => {
  writeFile(path('good.fits'), frame());
  writeFile(
    path('other.fits'),
    frame((data) => data.fill(7, 100, 103)),
  );
  const bad = readFileSync(path('good.fits'));
  bad.write('object', bad.indexOf('OBJECT'));
  writeFileSync(path('bad.fits'), bad);
  writeFileSync(path('cut.fits'), bad.subarray(0, 5000));
});

describe('fits verify', () => {
  it('says what is wrong and where, and exits 1 when something is', () => {
    const { status, stdout } = drs(['fits', 'verify', path('good.fits'), path('bad.fits'), path('cut.fits')]);
    expect(status).toBe(1);
    expect(stdout.replaceAll(`${directory}/`, '')).toMatchInlineSnapshot(`
      "good.fits: 0 errors, 0 warnings
      bad.fits: 1 error, 1 warning
        error    HDU 0, object, byte 640: the keyword "object" holds "o"; only A-Z, 0-9, - and _ are legal [syntax]
        warning  HDU 0, CHECKSUM, byte 720: the sum of the HDU is not all ones: the header was changed (DATASUM holds) [checksum]
      cut.fits: 2 errors, 0 warnings
        error    HDU 0, object, byte 640: the keyword "object" holds "o"; only A-Z, 0-9, - and _ are legal [syntax]
        error    HDU 0, byte 5000: the file ends 280 bytes before the data do, of which there should be 2400 [file]
      "
    `);
  });

  it('exits 0 for a good file, in one line of JSON, or one line of text when quiet', () => {
    const { status, stdout } = drs(['fits', 'verify', '--json', path('good.fits')]);
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      { file: path('good.fits'), verdict: 'ok', errors: [], warnings: [] },
    ]);
    const quiet = drs(['fits', 'verify', '-q', path('bad.fits')]);
    expect([quiet.status, quiet.stdout]).toEqual([1, `${path('bad.fits')}: 1 error, 1 warning\n`]);
  });

  it('reports a file that is not there, and usage', () => {
    const { status, complaints } = drs(['fits', 'verify', path('missing.fits')]);
    expect([status, complaints.length]).toEqual([1, 1]);
    expect(drs(['fits', 'verify']).status).toBe(2);
  });
});

describe('fits diff', () => {
  it('names the first different pixels and counts all, and exits 1', () => {
    const { status, stdout } = drs([
      'fits',
      'diff',
      path('good.fits'),
      path('other.fits'),
      '--ignore',
      'CHECKSUM,datasum',
      '--max',
      '2',
    ]);
    expect(status).toBe(1);
    expect(stdout).toMatchInlineSnapshot(`
      "HDU 0 PRIMARY
        at [3,10]: a 1059, b 7
        at [3,11]: a 1048, b 7
        3 different pixels (0.250 %)
      "
    `);
  });

  it('exits 0 when there is no difference, or none that counts', () => {
    const { status, stdout } = drs(['fits', 'diff', path('good.fits'), path('good.fits')]);
    expect([status, stdout]).toEqual([0, 'no differences\n']);
  });

  it('gives the same as JSON', () => {
    const { status, stdout } = drs(['fits', 'diff', '--json', path('good.fits'), path('other.fits')]);
    const { identical, hdus } = JSON.parse(stdout);
    expect([status, identical, hdus.length]).toEqual([1, false, 1]);
    expect(hdus[0].data).toMatchObject({ kind: 'image', total: 3, first: [{ index: [3, 10] }, {}, {}] });
    expect(hdus[0].header.values.map((v: { keyword: string }) => v.keyword).sort()).toEqual([
      'CHECKSUM',
      'DATASUM',
    ]);
  });

  it.each([
    [['good.fits'], 2],
    [['good.fits', 'missing.fits'], 1],
  ])('refuses %j', (names, code) => {
    const { status, complaints } = drs(['fits', 'diff', ...names.map(path)]);
    expect([status, complaints.length > 0]).toEqual([code, true]);
  });
});

describe('fits compress and decompress', () => {
  it('pack integers and copy the rest, and give back what there was', async () => {
    const packed = drs(['fits', 'compress', path('good.fits')]);
    expect(packed.stdout).toBe(`${path('good.fits.fz')}  1 of 3 HDUs changed\n`);
    expect(drs(['fits', 'decompress', path('good.fits.fz'), '-o', path('back.fits')]).status).toBe(0);
    using good = await openFile(path('good.fits'));
    using fz = await openFile(path('good.fits.fz'));
    using back = await openFile(path('back.fits'));
    expect(fz.hdus.map((hdu) => hdu.kind)).toEqual(['image', 'compressed', 'image', 'bintable']);
    expect(back.hdus.map((hdu) => hdu.kind)).toEqual(['image', 'image', 'bintable']);
    for (const i of [0, 1]) {
      expect(await readImage(back, back.hdu(i))).toEqual(await readImage(good, good.hdu(i)));
    }
    expect(back.hdu(0).header.string('OBJECT')).toBe('NGC 1068');
    expect(drs(['fits', 'diff', path('good.fits'), path('back.fits')]).stdout).toBe(
      drs(['fits', 'diff', path('good.fits'), path('back.fits'), '--ignore-comments', 'X']).stdout,
    );
    for (const name of ['good.fits.fz', 'back.fits']) {
      const verified = spawnSync('fitsverify', [path(name)], { encoding: 'utf8' });
      if (verified.error) oracleMissing('fitsverify');
      else expect(verified.stdout).toContain('0 warning(s) and 0 error(s)');
    }
    const unpacked = spawnSync('funpack', ['-O', path('theirs.fits'), path('good.fits.fz')], {
      encoding: 'utf8',
    });
    if (unpacked.error) return oracleMissing('funpack (libcfitsio-bin)');
    using theirs = await openFile(path('theirs.fits'));
    expect(await readImage(theirs, theirs.hdu(0))).toEqual(await readImage(good, good.hdu(0)));
  });

  it('never replace a file unless told to', () => {
    const { status, complaints } = drs(['fits', 'compress', path('good.fits')]);
    expect([status, complaints]).toEqual([
      1,
      [`drs: ${path('good.fits.fz')}: is there already; --force replaces it`],
    ]);
    expect(drs(['fits', 'compress', '--force', path('good.fits')]).status).toBe(0);
    expect(drs(['fits', 'decompress', path('other.fits')]).status).toBe(2);
  });
});
