import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DARK, pixels, product, workplace, worst } from './run.ts';

const place = workplace();
const { path, write, run, held } = place;

const flat = pixels((i) => 0.8 + 0.01 * i);
const science = pixels((i) => 100 + i + DARK[i]!);
const sky = pixels((i) => 40 + 0.5 * i + DARK[i]!);

const association = (name: string, backgrounds: readonly string[]): string => {
  const members = [
    { expname: 'science_sci.fits', exptype: 'science' },
    ...backgrounds.map((expname) => ({ expname, exptype: 'background' })),
  ];
  const asn = {
    asn_rule: 'Asn_Lv2Image',
    asn_pool: 'pool',
    asn_type: 'image2',
    products: [{ name, members }],
  };
  writeFileSync(path(`${name}.json`), JSON.stringify(asn));
  return `${name}.json`;
};
const frames = (): void => {
  write('science_sci.fits', { sci: science, err: pixels(() => 3) });
  write('sky_cal.fits', { sci: sky, err: pixels(() => 4) });
  write('flat.fits', { sci: flat, unit: '' });
};
const FLAT = { 'steps.flat_field.override_flat': 'flat.fits' };

describe('Image2Pipeline', () => {
  it('takes mask, dark and flat out of science and background alike, then subtracts', async () => {
    frames();
    const { saved, lines, seen } = await run('Image2Pipeline', [association('one', ['sky_cal.fits'])], FLAT);
    expect(saved).toEqual(['one_cal.fits']);
    const { sci, err, header, unit, names } = await product(path('one_cal.fits'));
    const expected = (i: number): number =>
      (science[i]! - DARK[i]!) / flat[i]! - (sky[i]! - DARK[i]!) / flat[i]!;
    expect(worst(sci, expected, science[0]!)).toBeLessThan(1e-6);
    expect(worst(err!, (i) => 5 / flat[i]!, 5)).toBeLessThan(1e-6);
    expect(unit).toBe('DN/s');
    expect(names).toContain('VAR_FLAT');
    const said = (keyword: string): unknown => header.get(keyword);
    expect(['S_DARK', 'S_FLAT', 'S_BKDSUB', 'S_DQINIT', 'S_PHOTOM', 'S_RESAMP'].map(said)).toEqual([
      ...['COMPLETE', 'COMPLETE', 'COMPLETE'],
      ...['SKIPPED', 'SKIPPED', 'SKIPPED'],
    ]);
    expect([said('R_DARK'), said('R_FLAT'), said('R_MASK')]).toEqual([
      'crds://dark_1.fits',
      'flat.fits',
      'N/A',
    ]);
    expect([said('ASNPOOL'), said('ASNTABLE'), said('CRDS_CTX'), said('INPUT002')]).toEqual([
      'pool',
      'one.json',
      'tmt_0001.pmap',
      'sky_cal.fits',
    ]);
    expect(said('CAL_VER')).toBeTruthy();
    expect(lines).toContain('stpipe.Image2Pipeline - INFO - Saved model in one_cal.fits');
    expect(lines.find((line) => line.includes('WARNING - flux calibration is not available yet'))).toContain(
      'stpipe.Image2Pipeline.photom',
    );
    expect(seen.every(({ done, total }) => done < total)).toBe(true);
    expect(held()).toBe(0);
  });

  it('gives the same file in strips as in one piece', async () => {
    frames();
    const map = Uint16Array.from(science, (_, i) => (i > 40 ? 2 : 0));
    write('science_sci.fits', { sci: science, err: pixels(() => 3), map });
    write('second_cal.fits', { sci: pixels((i) => sky[i]! + 1), err: pixels(() => 4) });
    const asn = association('strips', ['sky_cal.fits', 'second_cal.fits']);
    const options = { ...FLAT, save_bsub: 'True' };
    const bytes = async (output_dir: string, stripPixels: number): Promise<Buffer[]> => {
      const { saved } = await run('Image2Pipeline', [asn], { ...options, output_dir }, { stripPixels });
      return saved.map((name) => {
        const text = readFileSync(path(name)).toString('latin1');
        // Checksums of the primary header and the DATE in it are those of the moment.
        return Buffer.from(text.replaceAll(/(DATE|CHECKSUM) *=.{70}/g, ''), 'latin1');
      });
    };
    const whole = await bytes('whole', 1000);
    for (const [directory, stripPixels] of [
      ['rows', 1],
      ['uneven', 32],
    ] as const) {
      const strips = await bytes(directory, stripPixels);
      expect(strips.map((file, i) => file.equals(whole[i]!))).toEqual([true, true]);
    }
    expect(held()).toBe(0);
  });

  it("unpacks gzip'ed frames once, and leaves nothing of that behind", async () => {
    frames();
    const asn = association('packed', ['sky_cal.fits']);
    const plain = await run('Image2Pipeline', [asn], { ...FLAT, output_dir: 'plain' }, { stripPixels: 8 });
    const expected = await product(path(plain.saved[0]!));
    for (const name of ['science_sci.fits', 'sky_cal.fits'])
      writeFileSync(path(name), gzipSync(readFileSync(path(name))));
    const packed = await run('Image2Pipeline', [asn], { ...FLAT, output_dir: 'packed' }, { stripPixels: 8 });
    const found = await product(path(packed.saved[0]!));
    expect([found.sci, found.dq, found.err]).toEqual([expected.sci, expected.dq, expected.err]);
    expect(readdirSync(process.env.TMPDIR!)).toEqual([]);
    const whole = readFileSync(path('sky_cal.fits'));
    writeFileSync(path('sky_cal.fits'), whole.subarray(0, whole.length - 40));
    await expect(run('Image2Pipeline', [asn], FLAT, { stripPixels: 8 })).rejects.toThrow('sky_cal.fits');
    expect([readdirSync(process.env.TMPDIR!), held()]).toEqual([[], 0]);
  });

  it('flags pixels of either frame that are no number', async () => {
    frames();
    write('science_sci.fits', { sci: pixels((i) => (i === 2 ? Number.NaN : science[i]!)) });
    write('sky_cal.fits', { sci: pixels((i) => (i === 5 ? Number.NaN : sky[i]!)) });
    await run('Image2Pipeline', [association('holes', ['sky_cal.fits'])], FLAT);
    const { dq } = await product(path('holes_cal.fits'));
    expect([...dq].flatMap((flags, i) => (flags === 0 ? [] : [[i, flags]]))).toEqual([
      [2, 1],
      [5, 1],
    ]);
  });

  it('leaves steps alone that a background has behind it', async () => {
    frames();
    await run('Image2Pipeline', ['sky_cal.fits'], { ...FLAT, suffix: 'flt' });
    await run('Image2Pipeline', [association('again', ['sky_flt.fits'])], FLAT);
    await run('Image2Pipeline', [association('fresh', ['sky_cal.fits'])], FLAT);
    expect((await product(path('again_cal.fits'))).sci).toEqual((await product(path('fresh_cal.fits'))).sci);
  });

  it('subtracts nothing where the association names no background, or when told so', async () => {
    frames();
    await run('Image2Pipeline', ['science_sci.fits'], FLAT);
    await run('Image2Pipeline', [association('told', ['sky_cal.fits'])], {
      ...FLAT,
      'steps.bkg_subtract.skip': 'True',
    });
    const alone = await product(path('science_sci_cal.fits'));
    const told = await product(path('told_cal.fits'));
    expect(worst(alone.sci, (i) => (science[i]! - DARK[i]!) / flat[i]!, science[0]!)).toBeLessThan(1e-6);
    expect(told.sci).toEqual(alone.sci);
    expect([alone, told].map(({ header }) => header.get('S_BKDSUB'))).toEqual(['SKIPPED', 'SKIPPED']);
    expect([alone, told].map(({ header }) => header.get('ASNTABLE'))).toEqual(['singleton', 'told.json']);
  });

  it('saves the background-subtracted frame and the result of a step where asked', async () => {
    frames();
    const { saved } = await run('Image2Pipeline', [association('more', ['sky_cal.fits'])], {
      ...{ ...FLAT, save_bsub: 'True', output_dir: 'out' },
      'steps.dark_current.save_results': 'True',
    });
    expect(saved).toEqual(['out/more_dark_current.fits', 'out/more_bsub.fits', 'out/more_cal.fits']);
    const { sci, header } = await product(path('out/more_dark_current.fits'));
    expect(worst(sci, (i) => science[i]! - DARK[i]!, science[0]!)).toBeLessThan(1e-6);
    expect([header.get('S_DARK'), header.get('S_FLAT')]).toEqual(['COMPLETE', undefined]);
  });

  it('says the same where a product is saved before the last', async () => {
    frames();
    write('bare.fits', { sci: DARK, unit: '' });
    const options = { ...FLAT, 'steps.dark_current.override_dark': 'bare.fits', suffix: 'told' };
    const asn = association('told', ['sky_cal.fits']);
    const alone = await run('Image2Pipeline', [asn], options);
    const both = await run('Image2Pipeline', [asn], { ...options, save_bsub: 'True' });
    const warnings = alone.lines.filter((line) => line.includes('WARNING'));
    expect(warnings.join('\n')).toContain('bare.fits');
    expect(both.lines.filter((line) => line.includes('WARNING'))).toEqual(warnings);
  });

  it('flags concurrent subarrays as no science', async () => {
    const map = Uint16Array.from(science, (_, i) => (i < 5 ? 2 : 0));
    write('parts_sci.fits', { sci: science, map });
    await run('Image2Pipeline', ['parts_sci.fits'], FLAT);
    const { dq, header, names } = await product(path('parts_sci_cal.fits'));
    expect([...dq.slice(0, 6)]).toEqual([513, 513, 513, 513, 513, 0]);
    expect(header.get('S_PARSSA')).toBe('COMPLETE');
    expect(names).toContain('SUBARR_MAP');
  });
});

describe('Image2Pipeline, other orders', () => {
  it('with compat = seed_order subtracts the background first, so that the dark leaves twice', async () => {
    frames();
    const asn = association('seed', ['sky_cal.fits']);
    await run('Image2Pipeline', [asn], { ...FLAT, compat: 'seed_order' });
    const { sci, varRnoise, header } = await product(path('seed_cal.fits'));
    const expected = (i: number): number => (science[i]! - sky[i]! - DARK[i]!) / flat[i]!;
    expect(worst(sci, expected, science[0]!)).toBeLessThan(1e-6);
    expect(worst(varRnoise, (i) => 25 / flat[i]! ** 2, 25)).toBeLessThan(1e-6);
    expect(header.cards.map(({ comment, value }) => `${value ?? comment}`).join()).toContain('seed_order');
  });

  it('subtracts a background of the user as it is, times its scale', async () => {
    frames();
    write('model.fits', { sci: pixels((i) => i), err: pixels(() => 4) });
    await run('liger_iris_pipeline.ImagerStage2Pipeline', ['science_sci.fits'], {
      ...FLAT,
      'steps.calc_background.skip': 'True',
      'steps.background_sub.background': 'model.fits',
      'steps.background_sub.scale': '0.5',
    });
    const { sci, varRnoise } = await product(path('science_sci_cal.fits'));
    const expected = (i: number): number => (science[i]! - DARK[i]!) / flat[i]! - i / 2;
    expect(worst(sci, expected, science[0]!)).toBeLessThan(1e-6);
    expect(worst(varRnoise, (i) => 9 / flat[i]! ** 2 + 16 / 4, 20)).toBeLessThan(1e-6);
  });

  it('says that exposure times differ, as rates do not', async () => {
    frames();
    const exposed = (seconds: number) => ({ keywords: [['EXPTIME', seconds]] as const });
    write('science_sci.fits', { sci: science, ...exposed(100) });
    write('sky_cal.fits', { sci: sky, ...exposed(50) });
    const { lines } = await run('Image2Pipeline', [association('times', ['sky_cal.fits'])], FLAT);
    expect(lines.join('\n')).toContain('sky_cal.fits was exposed for 50 s, the science frame for 100 s');
  });
});

describe('Image2Pipeline refuses', () => {
  it('frames without a pixel that may be used, and leaves nothing behind', async () => {
    frames();
    const none = pixels(() => Number.NaN);
    write('none_cal.fits', { sci: none });
    const flagged = Uint32Array.from(sky, () => 1);
    write('flagged_cal.fits', { sci: sky, dq: flagged });
    for (const stripPixels of [1000, 8]) {
      for (const background of ['none_cal.fits', 'flagged_cal.fits']) {
        await expect(
          run('Image2Pipeline', [association('nothing', [background])], FLAT, { stripPixels }),
        ).rejects.toMatchObject({ code: 'NO_PIXELS', message: expect.stringContaining(background) });
      }
    }
    for (const level of [0, -1, Number.NaN]) {
      write('flat.fits', { sci: pixels(() => level), unit: '' });
      await expect(run('Image2Pipeline', [association('nothing', ['sky_cal.fits'])], FLAT)).rejects.toThrow(
        'The reduced frame: every pixel is NaN or flagged DO_NOT_USE; look at its references.',
      );
    }
    expect(readdirSync(place.cwd).filter((name) => /nothing_cal|\.part$/.test(name))).toEqual([]);
    expect(held()).toBe(0);
  });

  it('a directory that cannot be made, and does not wait for it', async () => {
    frames();
    for (const output_dir of ['/proc/nowhere/else', 'science_sci.fits/below', 'science_sci.fits']) {
      await expect(
        run('Image2Pipeline', ['science_sci.fits'], { ...FLAT, output_dir }),
      ).rejects.toMatchObject({
        code: expect.stringMatching(/ENOENT|NO_DIRECTORY/),
      });
    }
    expect(held()).toBe(0);
  });

  it('an association without products, and a frame that is its own background', async () => {
    frames();
    writeFileSync(path('no.json'), JSON.stringify({ asn_type: 'image2', products: [] }));
    await expect(run('Image2Pipeline', ['no.json'], FLAT)).rejects.toMatchObject({ code: 'INPUTS' });
    const self = association('self', ['science_sci.fits']);
    await expect(run('Image2Pipeline', [self], FLAT)).rejects.toMatchObject({ code: 'INPUTS' });
  });

  it('more backgrounds than can be combined, before any of them is read', async () => {
    frames();
    writeFileSync(path('sky_cal.fits'), 'no frame at all');
    const many = association('many', Array<string>(4097).fill('sky_cal.fits'));
    await expect(run('Image2Pipeline', [many], FLAT)).rejects.toMatchObject({
      code: 'INPUTS',
      message: expect.stringMatching(/^4097 backgrounds; at most 4096/),
    });
  });

  it('a background of another filter or detector, or that is not there, before anything is written', async () => {
    frames();
    const others = [
      ['FILTER', 'J', /sky_cal.fits has FILTER .J. and science_sci.fits .K./],
      ['DETECTOR', 'IMG2', /DETECTOR 'IMG2'/],
    ] as const;
    write('science_sci.fits', { sci: science, keywords: [['FILTER', 'K']] });
    for (const [keyword, value, message] of others) {
      write('sky_cal.fits', { sci: sky, keywords: [[keyword, value]] });
      const asn = association('unfit', ['sky_cal.fits']);
      await expect(run('Image2Pipeline', [asn], FLAT)).rejects.toMatchObject({
        code: 'FRAMES_UNLIKE',
        message: expect.stringMatching(message),
      });
    }
    const none = { ...FLAT, 'steps.bkg_subtract.background': 'gone.fits' };
    await expect(run('Image2Pipeline', ['science_sci.fits'], none)).rejects.toMatchObject({
      code: 'INPUT_MISSING',
    });
    expect(readdirSync(place.cwd).filter((name) => /unfit_cal|\.part$/.test(name))).toEqual([]);
  });

  it('to write over one of its inputs', async () => {
    frames();
    await expect(run('Image2Pipeline', ['sky_cal.fits'], FLAT)).rejects.toMatchObject({
      code: 'OUTPUT_IS_INPUT',
    });
  });

  it('an association with a missing member, before anything is written', async () => {
    frames();
    const asn = association('gap', ['nowhere.fits']);
    await expect(run('Image2Pipeline', [asn], FLAT)).rejects.toMatchObject({ code: 'ASN_MEMBER_MISSING' });
    expect(existsSync(path('gap_cal.fits'))).toBe(false);
  });

  it('products that are no FITS files, and names that no file can have, before anything is written', async () => {
    frames();
    const before = readdirSync(path('.'));
    for (const [options, code] of [
      [{ output_ext: '.asdf' }, 'NOT_AVAILABLE'],
      [{ 'steps.flat_field.output_ext': 'fits.gz' }, 'NOT_AVAILABLE'],
      [{ suffix: 'a\0b' }, 'OUTPUT_NAME'],
      [{ suffix: 'x'.repeat(300) }, 'OUTPUT_NAME'],
    ] as const)
      await expect(
        run('Image2Pipeline', ['science_sci.fits'], { ...FLAT, ...options }),
      ).rejects.toMatchObject({
        code,
      });
    expect(readdirSync(path('.'))).toEqual(before);
  });

  it('several products of one name', async () => {
    frames();
    const products = [1, 2].map(() => ({
      name: 'same',
      members: [{ expname: 'science_sci.fits', exptype: 'science' }],
    }));
    writeFileSync(path('twice.json'), JSON.stringify({ asn_type: 'image2', products }));
    await expect(run('Image2Pipeline', ['twice.json'], FLAT)).rejects.toMatchObject({ code: 'INPUTS' });
  });

  it('a needed reference without a CRDS cache, and does with overrides alone', async () => {
    frames();
    const none = { references: false };
    await expect(run('Image2Pipeline', ['science_sci.fits'], FLAT, none)).rejects.toMatchObject({
      code: 'NO_REFERENCES',
      message: expect.stringContaining('(dark)'),
    });
    const options = { ...FLAT, 'steps.dark_current.override_dark': 'dark.fits', suffix: 'offline' };
    const { lines } = await run('Image2Pipeline', ['science_sci.fits'], options, none);
    const { sci, header } = await product(path('science_sci_offline.fits'));
    expect(worst(sci, (i) => (science[i]! - DARK[i]!) / flat[i]!, science[0]!)).toBeLessThan(1e-6);
    expect([header.get('CRDS_CTX'), header.get('R_DARK')]).toEqual([undefined, 'dark.fits']);
    expect(lines.join('\n')).toContain('step dq_init is left out');
    expect(held()).toBe(0);
  });
});
