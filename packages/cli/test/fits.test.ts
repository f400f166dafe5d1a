import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Header } from '@iris-drs/fits';
import { openFile, writeFile } from '@iris-drs/fits/node';
import { decode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { drs, oracleMissing, testDirectory } from './drs.ts';

const directory = testDirectory();
const file = join(directory, 'frame.fits');
const [ny, nx] = [6, 5];
const science = Float32Array.from({ length: ny * nx }, (_, i) => (i === 7 ? Number.NaN : i / 10));

beforeAll(() => {
  writeFile(file, [
    { kind: 'image', shape: [], header: Header.from([['OBJECT', 'NGC 1068', 'target']]) },
    {
      kind: 'image',
      name: 'SCI',
      version: 1,
      shape: [ny, nx],
      data: science,
      header: Header.from([
        ['CTYPE1', 'RA---TAN'],
        ['CTYPE2', 'DEC--TAN'],
        ['CRVAL1', 40.1],
        ['CRVAL2', -0.01],
        ['CRPIX1', 2.5],
        ['CRPIX2', 3.5],
        ['BUNIT', 'DN/s'],
      ]),
    },
    {
      kind: 'image',
      name: 'READS',
      shape: [2, 2, 3],
      data: Uint16Array.from({ length: 12 }, (_, i) => 65535 - i),
    },
    {
      kind: 'bintable',
      name: 'TIMES',
      columns: [
        { name: 'read', data: Int32Array.of(1, 2, 3), unit: 's' },
        { name: 'pair', data: Float64Array.of(0.5, 1, 1.5, 2, Number.NaN, 3), repeat: 2 },
        { name: 'kind', data: ['a', 'b "c"', 'd'] },
      ],
    },
  ]);
});

describe('fits info', () => {
  it('lists index, name, version, type, shape, dtype and bytes of each HDU', () => {
    const { status, stdout } = drs(['fits', 'info', file]);
    expect(status).toBe(0);
    expect(stdout.replaceAll(directory, '').replace(/^.*bytes\n/, '')).toMatchInlineSnapshot(`
      "HDU  name     version  type      shape               dtype    bytes
      0    PRIMARY  1        image     -                   -            0
      1    SCI      1        image     6 × 5               float32    120
      2    READS    1        image     2 × 2 × 3           uint16      24
      3    TIMES    1        bintable  3 rows × 3 columns  -           75
      "
    `);
  });

  it('gives the same as one JSON line a file', () => {
    const { status, stdout } = drs(['fits', 'info', '--json', file, file]);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(status).toBe(0);
    expect(lines.length).toBe(2);
    expect(lines[0].file).toBe(file);
    expect(lines[0].hdus[2]).toMatchObject({
      index: 2,
      name: 'READS',
      type: 'image',
      shape: [2, 2, 3],
      dtype: 'uint16',
      bytes: 24,
    });
    expect(lines[0].hdus[3].columns).toMatchObject([
      { name: 'read', format: '1J', unit: 's' },
      { name: 'pair' },
      { name: 'kind' },
    ]);
  });
});

describe('fits header', () => {
  it('prints the cards of an HDU verbatim', () => {
    const { status, stdout } = drs(['fits', 'header', file, '--hdu', '0']);
    expect(status).toBe(0);
    expect(stdout).toContain("OBJECT  = 'NGC 1068'           / target\n");
    expect(stdout.startsWith('SIMPLE  =                    T')).toBe(true);
  });

  it('prints chosen keywords of all HDUs, each under its name', () => {
    const { stdout } = drs(['fits', 'header', file, '--keyword', 'bunit', '--keyword', 'OBJECT']);
    expect(stdout.split('\n').filter((line) => line.startsWith('#'))).toEqual([
      `# ${file} #0 PRIMARY`,
      `# ${file} #1 SCI`,
    ]);
    expect(stdout).toContain("BUNIT   = 'DN/s");
  });

  it('fails on a keyword that is nowhere', () => {
    const { status, complaints } = drs(['fits', 'header', file, '--keyword', 'NOSUCH']);
    expect([status, complaints]).toEqual([1, [`drs: ${file}: no keyword NOSUCH in any HDU`]]);
  });
});

describe('fits get', () => {
  it('prints pixels of some rows as text that reads back to the same float32', () => {
    const { status, stdout } = drs(['fits', 'get', file, '--rows', '1..3']);
    expect(status).toBe(0);
    expect(stdout).toBe('0.5 0.6 NaN 0.8 0.9\n1 1.1 1.2 1.3 1.4\n');
  });

  it('prints cubes as nested JSON, exactly', () => {
    const line = JSON.parse(drs(['fits', 'get', file, '--hdu', 'reads', '--format', 'json']).stdout);
    expect(line).toMatchObject({ hdu: 2, name: 'READS', shape: [2, 2, 3], dtype: 'uint16' });
    expect(line.data).toEqual([
      [
        [65535, 65534, 65533],
        [65532, 65531, 65530],
      ],
      [
        [65529, 65528, 65527],
        [65526, 65525, 65524],
      ],
    ]);
  });

  it('prints table rows as text and as JSON', () => {
    expect(drs(['fits', 'get', file, '--hdu', 'TIMES']).stdout).toBe(
      '# read\tpair\tkind\n1\t0.5,1\ta\n2\t1.5,2\tb "c"\n3\tNaN,3\td\n',
    );
    const { rows, data } = JSON.parse(
      drs(['fits', 'get', file, '--hdu', 'TIMES', '--format', 'json', '--rows', '1..3']).stdout,
    );
    expect([rows, data]).toEqual([
      2,
      [
        [2, [1.5, 2], 'b "c"'],
        [3, [null, 3], 'd'],
      ],
    ]);
  });

  it.each(['SCI', 'TIMES'])('writes some rows of %s as a FITS file that fitsverify accepts', async (name) => {
    const output = join(directory, `${name}-part.fits`);
    expect(
      drs(['fits', 'get', file, '--hdu', name, '--rows', '1..3', '--format', 'fits', '-o', output]).status,
    ).toBe(0);
    using part = await openFile(output);
    const hdu = part.hdu(name);
    expect(hdu.shape[0]).toBe(2);
    // The reference pixel stays on the same star.
    if (name === 'SCI') expect(hdu.header.get('CRPIX2')).toBe(2.5);
    const verified = spawnSync('fitsverify', [output], { encoding: 'utf8' });
    if (verified.error) oracleMissing('fitsverify');
    else expect(verified.stdout).toContain('0 warning(s) and 0 error(s)');
  });
});

describe('fits png', () => {
  it('writes a grey picture beside the file, no side longer than --size, north up', () => {
    const big = join(directory, 'big.fits');
    const data = Float32Array.from({ length: 40 * 90 }, (_, i) => Math.floor(i / 90));
    writeFile(big, [{ kind: 'image', shape: [40, 90], data }]);
    const { status, stdout } = drs(['fits', 'png', big, '--size', '30']);
    expect(status).toBe(0);
    expect(stdout).toContain(join(directory, 'big.png'));
    const picture = decode(readFileSync(join(directory, 'big.png')));
    expect([picture.width, picture.height, picture.channels, picture.depth]).toEqual([30, 13, 1, 8]);
    expect(picture.data[0]!).toBeGreaterThan(picture.data.at(-1)!);
  });

  it('shows a plane of a cube of integers, and refuses one that is not there', () => {
    const output = join(directory, 'plane.png');
    expect(drs(['fits', 'png', file, '--hdu', '2', '--plane', '1', '-o', output]).status).toBe(0);
    expect(decode(readFileSync(output)).width).toBe(3);
    expect(drs(['fits', 'png', file, '--hdu', '2', '--plane', '2', '-o', output]).status).toBe(2);
  });
});

describe('fits png in colour', () => {
  it('stretches, cuts and colours a compressed image', () => {
    const output = join(directory, 'colour.png');
    expect(drs(['fits', 'compress', file]).status).toBe(0);
    const { status, stdout } = drs([
      ...['fits', 'png', `${file}.fz`, '--hdu', 'READS', '--plane', '1', '-o', output],
      ...['--stretch', 'asinh', '--cuts=65520,65535', '--colormap', 'inferno'],
    ]);
    expect([status, stdout]).toEqual([0, `${output}  3 × 2, #2 READS, black 65520, white 65535\n`]);
    expect(decode(readFileSync(output)).channels).toBe(3);
  });
});

describe('fits on bad input', () => {
  it('names file, HDU and offset of a cut file in one line and goes on with the next', () => {
    const cut = join(directory, 'cut.fits');
    writeFileSync(cut, readFileSync(file).subarray(0, 5800));
    const { status, stdout, complaints } = drs(['fits', 'info', cut, file]);
    expect(status).toBe(1);
    expect(complaints.length).toBe(1);
    expect(complaints[0]).toMatch(/^drs: .*cut\.fits, HDU \d+, byte \d+: .*cut short/);
    expect(stdout).toContain('READS');
  });

  it.each([
    ['what is no FITS file', 'text.txt', 'expected a file that starts with'],
    ['what is not there', 'missing.fits', 'no such file'],
    ['a directory', '', 'found a directory, expected a file'],
  ])('refuses %s in one line with its name', (_, name, message) => {
    writeFileSync(join(directory, 'text.txt'), 'hello');
    const path = join(directory, name);
    const { status, complaints } = drs(['fits', 'info', path]);
    expect(status).toBe(1);
    expect(complaints.length).toBe(1);
    expect(complaints[0]).toContain(path);
    expect(complaints[0]).toContain(message);
  });

  it('names the HDUs there are when the one asked for is not', () => {
    const { status, stderr } = drs(['fits', 'get', file, '--hdu', 'ERR']);
    expect(status).toBe(1);
    expect(stderr).toContain('no HDU ERR; present are 0:PRIMARY 1:SCI 2:READS 3:TIMES');
  });

  it('refuses rows beyond the image', () => {
    const { status, stderr } = drs(['fits', 'get', file, '--rows', '4..9']);
    expect(status).toBe(1);
    expect(stderr).toContain('rows [4, 9)');
  });

  it.each([
    [['fits']],
    [['fits', 'frob', 'x']],
    [['fits', 'info']],
    [['fits', 'info', '--nonsense', 'x']],
    [['fits', 'get', 'x', '--rows', '3']],
    [['fits', 'get', 'x', '--rows', '3..3']],
    [['fits', 'get', 'x', '--format', 'csv']],
    [['fits', 'get', 'x', '--format', 'fits']],
    [['fits', 'png', 'x', 'y', '-o', 'z.png']],
    [['fits', 'png', 'x', '--size', '0']],
    [['fits', 'png', 'x', '--colormap', 'jet']],
    [['fits', 'png', 'x', '--cuts', '5,1']],
  ])('exits 2 on wrong usage %j', (args) => {
    const { status, stdout, stderr } = drs(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^drs: /);
  });

  it('never writes over what it reads', () => {
    const before = readFileSync(file);
    expect(drs(['fits', 'get', file, '-o', file]).status).toBe(2);
    expect(drs(['fits', 'png', file, '-o', file]).status).toBe(2);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(existsSync(file)).toBe(true);
  });
});
