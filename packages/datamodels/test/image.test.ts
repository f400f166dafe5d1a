import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { compressImage, type HduInit, Header } from '@iris-drs/fits';
import { openFile, writeFile } from '@iris-drs/fits/node';
import { openEngine } from '@iris-drs/kernels';
import { describe, expect, it } from 'vitest';
import {
  closeImage,
  createImage,
  DQ,
  type ImageModel,
  openImage,
  saveImage,
  saveStrips,
} from '../src/index.ts';
import { astropy, fitsverify, messageOf, ramp32, sharedEngine, temporary } from './support.ts';

const path = temporary();
const shared = sharedEngine();
const shape = [6, 8] as const;
const n = 48;

const image = (
  name: string,
  data: Float32Array | Uint32Array | Uint16Array,
  cards: Record<string, string | number> = {},
  version = 1,
): HduInit => ({
  kind: 'image',
  name,
  version,
  header: Header.from(Object.entries(cards)),
  shape,
  data,
});
const primary = (cards: Record<string, string | number | boolean> = {}): HduInit => ({
  kind: 'image',
  header: Header.from(Object.entries(cards)),
  shape: [],
});

/** A model with every plane filled, all from one seed. */
function filled(): ImageModel {
  const model = createImage(shared.engine, { shape, header: Header.from([['OBJECT', 'NGC 1068']]) });
  model.sci.data.set(ramp32(n, 0.5));
  model.dq.data.set(Uint32Array.from({ length: n }, (_, i) => 2 ** (i % 32)));
  model.varPoisson.data.set(ramp32(n, 0.25));
  model.varRnoise.data.fill(4);
  model.sciHeader.set('PHOTZPAB', 27.5, 'zero point');
  const varFlat = shared.engine.float32(shape, 9);
  return { ...model, varFlat };
}

/** Rows of a frame whose every pixel differs. */
function rowsOf([from, to]: readonly [number, number], [ny, nx]: readonly [number, number]): ImageModel {
  const model = createImage(shared.engine, { shape: [to - from, nx], header: Header.from([]) });
  for (const [k, plane] of [model.sci, model.dq, model.varPoisson, model.varRnoise].entries())
    for (let i = 0; i < plane.data.length; i++) plane.data[i] = (k + 1) * 2 ** 20 + from * nx + i;
  return { ...model, strip: { y0: from, height: ny } };
}

describe('a saved frame', () => {
  it('is the same from strips, whose pixels go past the page cache, as from one piece', async () => {
    const whole = [300, 701] as const;
    const bytes = async (name: string, rows: readonly (readonly [number, number])[]): Promise<Buffer> => {
      const strips = rows.map((part) => {
        const model = rowsOf(part, whole);
        return { model, release: () => closeImage(model) };
      });
      await saveStrips(shared.engine, strips, path(name), { err: true });
      const text = readFileSync(path(name)).toString('latin1');
      // Checksums of the primary header and the DATE in it are those of the moment.
      return Buffer.from(text.replaceAll(/(DATE|CHECKSUM|FILENAME) *=.{70}/g, ''), 'latin1');
    };
    const expected = await bytes('whole.fits', [[0, 300]]);
    const found = await bytes('strips.fits', [
      [0, 99],
      [99, 101],
      [101, 203],
      [203, 300],
    ]);
    expect(found.equals(expected)).toBe(true);
    expect(shared.engine.pool.usedBytes).toBe(0);
  });

  it('is what the contract says, read by astropy', async () => {
    const model = filled();
    const saved = await saveImage(shared.engine, model, path('product.fits'), { err: true });
    closeImage(model);
    const found = astropy(
      `
with fits.open(args[0], checksum=True) as f:
    print(json.dumps([[h.name, None if h.data is None else h.data.dtype.name, list(h.shape), h.header.get('BUNIT')] for h in f]
      + [[float(f['SCI'].data[5, 7]), int(f['DQ'].data[3, 7]), float(f['ERR'].data[0, 4]), f[0].header['OBJECT'], f['SCI'].header['PHOTZPAB'], f['SCI'].header['DATASUM']]]))
`,
      path('product.fits'),
    );
    expect(saved).toMatchObject({
      shape: [6, 8],
      dtype: 'float32',
      size: readFileSync(path('product.fits')).length,
    });
    if (found === undefined) return;
    expect(found).toEqual([
      ['PRIMARY', null, [], null],
      ['SCI', 'float32', [6, 8], 'DN/s'],
      ['DQ', 'uint32', [6, 8], null],
      ['VAR_POISSON', 'float32', [6, 8], 'DN2/s2'],
      ['VAR_RNOISE', 'float32', [6, 8], 'DN2/s2'],
      ['VAR_FLAT', 'float32', [6, 8], 'DN2/s2'],
      ['ERR', 'float32', [6, 8], 'DN/s'],
      [23.5, 2 ** 31, Math.fround(Math.sqrt(1 + 4 + 9)), 'NGC 1068', 27.5, saved.datasum],
    ]);
  });

  it('passes fitsverify without error or warning', async () => {
    const model = filled();
    await saveImage(shared.engine, model, path('verified.fits'));
    closeImage(model);
    const report = fitsverify(path('verified.fits'));
    if (report !== undefined) expect(report).toContain('0 warning(s) and 0 error(s)');
  });

  it('comes back as it was', async () => {
    const model = filled();
    await saveImage(shared.engine, model, path('again.fits'));
    const again = await openImage(shared.engine, path('again.fits'));
    for (const name of ['sci', 'dq', 'varPoisson', 'varRnoise'] as const) {
      expect(again[name].data).toEqual(model[name].data);
    }
    expect(again.varFlat?.data).toEqual(model.varFlat?.data);
    expect(again).toMatchObject({ units: 'DN/s', warnings: [], shape: [6, 8] });
    expect(again.header.string('OBJECT')).toBe('NGC 1068');
    expect(again.sciHeader.number('PHOTZPAB')).toBe(27.5);
    closeImage(model);
    closeImage(again);
  });

  it('leaves nothing in the pool once closed', async () => {
    const before = shared.engine.pool.usedBytes;
    const model = filled();
    await saveImage(shared.engine, model, path('pool.fits'), { err: true });
    closeImage(model);
    const again = await openImage(shared.engine, path('pool.fits'));
    closeImage(again);
    expect(shared.engine.pool.usedBytes).toBe(before);
  });
});

describe('frames of other software', () => {
  it('without flags and variances: good pixels, unknown noise', async () => {
    writeFile(path('seed.fits'), [primary({ DATAMODL: 'IRISImageModel' }), image('SCI', ramp32(n))]);
    const model = await openImage(shared.engine, path('seed.fits'));
    expect(model.sci.data).toEqual(ramp32(n));
    expect(new Set(model.dq.data)).toEqual(new Set([0]));
    expect(model.varPoisson.data.every(Number.isNaN)).toBe(true);
    expect(model.varRnoise.data.every(Number.isNaN)).toBe(true);
    expect(model.warnings).toEqual(['BUNIT is missing: pixels are taken as DN/s']);
    closeImage(model);
  });

  it('liger: DATA, ERR and uint16 DQ; the squared error is all of the variance', async () => {
    const dq = Uint16Array.from({ length: n }, (_, i) => i % 3);
    writeFile(path('liger.fits'), [
      primary(),
      image('DATA', ramp32(n), { BUNIT: 'DN/s' }),
      image('ERR', new Float32Array(n).fill(3)),
      image('DQ', dq),
    ]);
    const model = await openImage(shared.engine, path('liger.fits'));
    expect(model.sci.data).toEqual(ramp32(n));
    expect([...model.dq.data]).toEqual([...dq]);
    expect(new Set(model.varRnoise.data)).toEqual(new Set([9]));
    expect(new Set(model.varPoisson.data)).toEqual(new Set([0]));
    closeImage(model);
  });

  it('one variance and ERR: the other is the rest', async () => {
    writeFile(path('rest.fits'), [
      primary(),
      image('SCI', ramp32(n), { BUNIT: 'DN/s' }),
      image('VAR_RNOISE', new Float32Array(n).fill(4)),
      image('ERR', new Float32Array(n).fill(5)),
    ]);
    const model = await openImage(shared.engine, path('rest.fits'));
    expect(new Set(model.varRnoise.data)).toEqual(new Set([4]));
    expect(new Set(model.varPoisson.data)).toEqual(new Set([21]));
    closeImage(model);
  });

  it('in DN: divided by EXPTIME, variances by its square', async () => {
    writeFile(path('dn.fits'), [
      primary({ EXPTIME: 4 }),
      image('SCI', ramp32(n), { BUNIT: 'DN' }),
      image('VAR_POISSON', new Float32Array(n).fill(32)),
      image('VAR_RNOISE', new Float32Array(n).fill(16)),
    ]);
    const model = await openImage(shared.engine, path('dn.fits'));
    expect(model.units).toBe('DN/s');
    expect(model.sci.data[8]).toBe(2);
    expect([model.varPoisson.data[0], model.varRnoise.data[0]]).toEqual([2, 1]);
    closeImage(model);
    const kept = await openImage(shared.engine, path('dn.fits'), { units: 'keep' });
    expect([kept.units, kept.sci.data[8]]).toEqual(['DN', 8]);
    closeImage(kept);
  });

  it('in the primary HDU, integers with BZERO, world coordinates and all, written by astropy', async () => {
    const made = astropy(
      `
h = fits.PrimaryHDU(np.arange(48, dtype='uint16').reshape(6, 8) + 40000)
h.header['BUNIT'] = 'DN'; h.header['EXPTIME'] = 10.0; h.header['OBJECT'] = 'sky'
for k, v in dict(CTYPE1='RA---TAN', CTYPE2='DEC--TAN', CRPIX1=4.5, CRPIX2=3.5, CRVAL1=40.0, CRVAL2=-0.5, CDELT1=-1e-6, CDELT2=1e-6, CUNIT1='deg', CUNIT2='deg').items(): h.header[k] = v
h.writeto(args[0]); print('true')
`,
      path('primary.fits'),
    );
    if (made === undefined) return;
    const model = await openImage(shared.engine, path('primary.fits'));
    expect(model.sci.data[47]).toBeCloseTo(4004.7, 3);
    expect(model.sciHeader.number('CRPIX1')).toBe(4.5);
    await saveImage(shared.engine, model, path('primary-out.fits'));
    closeImage(model);
    const report = fitsverify(path('primary-out.fits'));
    if (report !== undefined) expect(report).toContain('0 warning(s) and 0 error(s)');
  });

  it('several detectors in a file: each by its name or EXTVER, with its own flags', async () => {
    writeFile(path('four.fits'), [
      primary(),
      image('SCI', ramp32(n), { DETECTOR: 'IMG1', BUNIT: 'DN/s' }, 1),
      image('SCI', ramp32(n, 2), { DETECTOR: 'IRIS2', BUNIT: 'DN/s' }, 2),
      image('DQ', new Uint32Array(n).fill(8), {}, 2),
    ]);
    const second = await openImage(shared.engine, path('four.fits'), { detector: 'IMG2' });
    expect([second.sci.data[1], second.dq.data[0]]).toEqual([2, 8]);
    expect(second.extra).toEqual([]);
    closeImage(second);
    const first = await openImage(shared.engine, path('four.fits'), { extver: 1 });
    expect([first.sci.data[1], first.dq.data[0]]).toEqual([1, 0]);
    closeImage(first);
    expect(await messageOf(openImage(shared.engine, path('four.fits')))).toMatchInlineSnapshot(
      `"DataModelError: four.fits[SCI]: found SCI,1 (IMG1), SCI,2 (IRIS2), expected EXTVER or detector to be given. Say which one is meant."`,
    );
    expect(
      await messageOf(openImage(shared.engine, path('four.fits'), { detector: 'IMG4' })),
    ).toMatchInlineSnapshot(
      `"DataModelError: four.fits[SCI]: found SCI,1 (IMG1), SCI,2 (IRIS2), expected one for IMG4. Give a file that holds it, or name the extension as the data contract does."`,
    );
  });

  it('several detectors whose EXTVER is always 1: what follows a SCI belongs to it', async () => {
    writeFile(path('uncounted.fits'), [
      primary(),
      image('SCI', ramp32(n), { DETECTOR: 'IMG1', BUNIT: 'DN/s' }),
      image('DQ', new Uint32Array(n).fill(1)),
      image('SCI', ramp32(n, 2), { DETECTOR: 'IMG2', BUNIT: 'DN/s' }),
      image('DQ', new Uint32Array(n).fill(2)),
    ]);
    for (const k of [1, 2]) {
      const model = await openImage(shared.engine, path('uncounted.fits'), { detector: `IMG${k}` });
      expect([model.sci.data[1], model.dq.data[0]]).toEqual([k, k]);
      closeImage(model);
    }
  });

  it('one detector in a file: another one is refused, a file that names none serves any', async () => {
    writeFile(path('one.fits'), [primary({ DETECTOR: 'IRIS1' }), image('SCI', ramp32(n), { BUNIT: 'DN/s' })]);
    closeImage(await openImage(shared.engine, path('one.fits'), { detector: 'IMG1' }));
    expect(await messageOf(openImage(shared.engine, path('one.fits'), { detector: 'IMG2' }))).toContain(
      'for IMG2',
    );
    writeFile(path('none.fits'), [primary(), image('SCI', ramp32(n), { BUNIT: 'DN/s' })]);
    closeImage(await openImage(shared.engine, path('none.fits'), { detector: 'IFS' }));
  });

  it('flags in another table are translated by DQ_DEF, which is not carried on', async () => {
    writeFile(path('dqdef.fits'), [
      primary(),
      image('SCI', ramp32(n), { BUNIT: 'DN/s' }),
      image(
        'DQ',
        Uint32Array.from({ length: n }, (_, i) => i % 4),
      ),
      {
        kind: 'bintable',
        name: 'DQ_DEF',
        columns: [
          { name: 'BIT', data: Int32Array.of(0, 1) },
          { name: 'VALUE', data: Int32Array.of(1, 2) },
          { name: 'NAME', data: ['HOT', 'DEAD'] },
        ],
      },
    ]);
    const model = await openImage(shared.engine, path('dqdef.fits'));
    expect([...model.dq.data.slice(0, 4)]).toEqual([0, DQ.HOT, DQ.DEAD, DQ.HOT + DQ.DEAD]);
    expect(model.extra).toEqual([]);
    closeImage(model);
  });

  it('extensions that are not ours go through byte for byte', async () => {
    const made = astropy(
      `
asdf = fits.BinTableHDU(np.array([(np.arange(957) % 256,)], dtype=[('ASDF_METADATA', 'u1', 957)]), name='ASDF')
odd = fits.ImageHDU(np.arange(7, dtype='int16'), name='ODD'); odd.header['HIERARCH ESO X'] = 'y'
var = fits.BinTableHDU.from_columns([fits.Column('V', 'PJ()', array=np.array([np.arange(3), np.arange(5)], dtype=object))], name='HEAP')
sci = fits.ImageHDU(np.zeros((6, 8), 'f4'), name='SCI'); sci.header['BUNIT'] = 'DN/s'
fits.HDUList([fits.PrimaryHDU(), odd, sci, asdf, var]).writeto(args[0], checksum=True); print('true')
`,
      path('extra.fits'),
    );
    if (made === undefined) return;
    const model = await openImage(shared.engine, path('extra.fits'));
    await saveImage(shared.engine, model, path('extra-out.fits'));
    closeImage(model);
    expect(model.extra.map((hdu) => hdu.name)).toEqual(['ODD', 'ASDF', 'HEAP']);
    const bytes = async (file: string, name: string) => {
      using fits = await openFile(file);
      const hdu = fits.hdu(name);
      return readFileSync(file).subarray(
        hdu.headerOffset,
        hdu.dataOffset + Math.ceil(hdu.dataBytes / 2880) * 2880,
      );
    };
    for (const name of ['ODD', 'ASDF', 'HEAP']) {
      expect(await bytes(path('extra-out.fits'), name)).toEqual(await bytes(path('extra.fits'), name));
    }
    const report = fitsverify(path('extra-out.fits'));
    if (report !== undefined) expect(report).toContain('0 warning(s) and 0 error(s)');
  });

  it('old software: flags of jwst 0.17 are translated', async () => {
    writeFile(path('old.fits'), [
      primary({ CAL_VER: '0.17.0', DATAMODL: 'IRISImageModel' }),
      image('SCI', ramp32(n), { BUNIT: 'DN/s' }),
      image('DQ', new Uint32Array(n).fill(256 + 1)),
    ]);
    const model = await openImage(shared.engine, path('old.fits'));
    expect(model.dq.data[0]).toBe(DQ.OTHER_BAD_PIXEL + DQ.DO_NOT_USE);
    closeImage(model);
  });
});

describe('a compressed frame', () => {
  const counts = Uint16Array.from({ length: n }, (_, i) => 65535 - 7 * i);
  const sci = image('SCI', counts, { BUNIT: 'DN/s', CRVAL1: 150.5 });
  const dq = image(
    'DQ',
    Uint32Array.from({ length: n }, (_, i) => (i % 5 === 0 ? DQ.HOT : 0)),
  );
  const read = async (name: string, rows?: readonly [number, number]) => {
    const model = await openImage(shared.engine, path(name), rows ? { rows } : {});
    const found = [[...model.sci.data], [...model.dq.data], model.sciHeader.get('CRVAL1')];
    const foreign = model.sciHeader.keywords().filter((keyword) => /^[ZT]/.test(keyword));
    closeImage(model);
    return { found, foreign };
  };

  it("is read like the plain one: gzip'ed as a file, or in tiles; whole, or some rows of it", async () => {
    writeFile(path('plain.fits'), [primary(), sci, dq]);
    writeFileSync(path('packed.fits.gz'), gzipSync(readFileSync(path('plain.fits'))));
    if (sci.kind !== 'image' || dq.kind !== 'image') throw new Error('no images');
    writeFile(path('tiled.fits'), [primary(), ...[sci, dq].map((plain) => compressImage(plain))]);
    for (const rows of [undefined, [2, 5]] as const) {
      const plain = await read('plain.fits', rows);
      expect(await read('packed.fits.gz', rows)).toEqual(plain);
      expect(await read('tiled.fits', rows)).toEqual({ ...plain, foreign: [] });
    }
  });
});

describe('frames that break the contract', () => {
  it.each([
    ['jansky', [primary(), image('SCI', ramp32(n), { BUNIT: 'Jy' })]],
    ['untimed', [primary(), image('SCI', ramp32(n), { BUNIT: 'DN' })]],
    ['empty', [primary()]],
    ['cube', [primary(), { kind: 'image', name: 'SCI', shape: [2, 3, 4], data: ramp32(24) }]],
    [
      'odd-dq',
      [
        primary(),
        image('SCI', ramp32(n), { BUNIT: 'DN/s' }),
        { kind: 'image', name: 'DQ', shape: [4, 12], data: new Uint32Array(n) },
      ],
    ],
  ] satisfies [string, HduInit[]][])('%s', async (name, hdus) => {
    const used = shared.engine.pool.usedBytes;
    writeFile(path(`${name}.fits`), hdus);
    expect(await messageOf(openImage(shared.engine, path(`${name}.fits`)))).toMatchSnapshot();
    expect(shared.engine.pool.usedBytes).toBe(used);
  });
});

it('a new frame that does not fit into the pool takes none of it', async () => {
  const page = 4096;
  const engine = await openEngine({ threads: 1, maxBytes: 3 * page });
  expect(() => createImage(engine, { shape: [1, 1] })).toThrow(/does not fit/);
  expect(engine.pool.usedBytes).toBe(0);
  await engine.close();
});
