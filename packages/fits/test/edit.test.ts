import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type HduInit, Header, readImage, readTable } from '../src/index.ts';
import { appendHdu, editHeader, openFile, writeFile } from '../src/node.ts';
import { fitsverify, temporaryDirectory } from './oracle.ts';

const directory = temporaryDirectory();
const pixels = Uint16Array.from({ length: 700 }, (_, i) => i * 90);
const file = (name: string, checksum = true) => {
  const path = join(directory, name);
  const header = Header.from([['OBJECT', 'Vega', 'target']]);
  const hdus: HduInit[] = [
    { kind: 'image', shape: [], header },
    { kind: 'image', name: 'SCI', shape: [20, 35], data: pixels },
  ];
  writeFile(path, hdus, { checksum });
  return path;
};
const expectSound = (path: string) => {
  const report = fitsverify(path);
  if (report) expect(report).toContain('0 warning(s) and 0 error(s)');
};

describe('a header edited in place', () => {
  it('says the new, keeps the rest and its sums', async () => {
    const path = file('a.fits');
    const before = readFileSync(path);
    await editHeader(path, 'SCI', (header) => {
      header.set('EXPTIME', 12.5, '[s]').history('edited');
    });
    await editHeader(path, 0, (header) => header.set('OBJECT', 'Deneb'));
    expectSound(path);
    using fits = await openFile(path);
    expect(
      fits
        .hdu(0)
        .header.cards.find((c) => c.keyword === 'OBJECT')
        ?.raw.trimEnd(),
    ).toBe("OBJECT  = 'Deneb   '           / target");
    expect(fits.hdu('SCI').header.get('EXPTIME')).toBe(12.5);
    expect(fits.hdu('SCI').header.historyLines()).toEqual(['edited']);
    expect((await readImage(fits, fits.hdu('SCI'))).data).toEqual(pixels);
    const { dataOffset } = fits.hdu('SCI');
    expect(readFileSync(path).subarray(dataOffset).equals(before.subarray(dataOffset))).toBe(true);
  });

  it('keeps its blocks when it gets shorter, and uses blank cards when it gets longer', async () => {
    const path = file('b.fits');
    const { size } = statSync(path);
    const many = Array.from({ length: 34 }, (_, i) => `KEY${i}`);
    const long = join(directory, 'long.fits');
    writeFile(long, [{ kind: 'image', shape: [], header: Header.from(many.map((k) => [k, 1])) }]);
    const longSize = statSync(long).size;
    await editHeader(long, 0, (header) => {
      for (const key of many) header.delete(key);
    });
    expect(statSync(long).size).toBe(longSize);
    expectSound(long);
    await editHeader(long, 0, (header) => {
      for (const key of many) header.set(key, 2);
    });
    expectSound(long);
    using fits = await openFile(long);
    expect(many.map((key) => fits.hdu(0).header.get(key))).toEqual(many.map(() => 2));
    expect(statSync(path).size).toBe(size);
  });

  it('is refused if it does not fit, or changes the data, and the file is as it was', async () => {
    const path = file('c.fits');
    const before = readFileSync(path);
    const full = editHeader(path, 'SCI', (header) => {
      for (let i = 0; i < 40; i++) header.history('no room for this');
    });
    await expect(full).rejects.toMatchObject({ code: 'HEADER_FULL', file: path, hdu: 1 });
    for (const change of [
      (h: Header) => h.set('NAXIS1', 34),
      (h: Header) => h.set('BITPIX', -32),
      (h: Header) => h.delete('PCOUNT'),
      (h: Header) => h.set('THEAP', 9),
    ]) {
      await expect(editHeader(path, 1, change)).rejects.toMatchObject({ code: 'EDIT_STRUCTURE' });
    }
    await expect(editHeader(path, 'DQ', () => undefined)).rejects.toMatchObject({ code: 'HDU_MISSING' });
    expect(readFileSync(path).equals(before)).toBe(true);
    writeFileSync(`${path}.gz`, gzipSync(before));
    await expect(editHeader(`${path}.gz`, 1, () => undefined)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('without sums stays without, with a sum of the header alone gets both right', async () => {
    const path = file('d.fits', false);
    await editHeader(path, 1, (header) => header.set('A', 1));
    using fits = await openFile(path);
    expect(fits.hdu(1).header.has('CHECKSUM')).toBe(false);
    await editHeader(path, 1, (header) => header.set('CHECKSUM', '').set('DATASUM', ''));
    expectSound(path);
  });
});

describe('an appended HDU', () => {
  it('stands behind the others, with its sums', async () => {
    const path = file('e.fits');
    await appendHdu(path, { kind: 'image', name: 'DQ', shape: [3], data: Uint8Array.of(1, 2, 3) });
    await appendHdu(path, {
      kind: 'bintable',
      name: 'T',
      columns: [{ name: 'V', data: Float32Array.of(1, 2, 3), offsets: [0, 1, 3] }],
    });
    expectSound(path);
    using fits = await openFile(path);
    expect(fits.hdus.map((h) => h.name)).toEqual(['PRIMARY', 'SCI', 'DQ', 'T']);
    expect((await readImage(fits, fits.hdu('DQ'))).data).toEqual(Uint8Array.of(1, 2, 3));
    const { columns } = await readTable(fits, fits.hdu('T'));
    expect(columns[0]).toMatchObject({ data: Float32Array.of(1, 2, 3), offsets: Float64Array.of(0, 1, 3) });
  });

  it('comes behind padding that was missing, not behind bytes that are no HDU', async () => {
    const path = file('f.fits');
    const bytes = readFileSync(path);
    const cut = join(directory, 'cut.fits');
    writeFileSync(cut, bytes.subarray(0, 2880 * 2 + 1400));
    await appendHdu(cut, { kind: 'image', shape: [] });
    expectSound(cut);
    const junk = join(directory, 'junk.fits');
    copyFileSync(path, junk);
    writeFileSync(junk, Buffer.concat([bytes, Buffer.from('junk')]));
    const refused = appendHdu(junk, { kind: 'image', shape: [] });
    await expect(refused).rejects.toMatchObject({ code: 'EDIT_STRUCTURE', offset: bytes.length });
  });

  it('that fails leaves the file as it was', async () => {
    const path = file('g.fits');
    const before = readFileSync(path);
    const bad = appendHdu(path, { kind: 'bintable', columns: [{ name: 'A', data: ['caf\xe9'] }] });
    await expect(bad).rejects.toMatchObject({ code: 'WRITE_COLUMN' });
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});
