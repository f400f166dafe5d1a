import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRamp } from '@iris-drs/datamodels';
import { readImage } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { describe, expect, it } from 'vitest';
import { type ObservationItem, simulateObservation } from '../src/observation.ts';
import type { ObservationOptions, ReadFile } from '../src/plan.ts';
import { mjdMicroseconds } from '../src/readfile.ts';
import { astropyPresent, oraclePresent, PYTHON } from './oracle.ts';
import { scratch } from './scratch.ts';

const small: Omit<ObservationOptions, 'dir'> = {
  size: [44, 48],
  stars: 3,
  reads: 4,
  ramps: 2,
  science: 1,
  sky: 0,
  threads: 0,
  detectors: ['IMG1', 'IMG4'],
  readFiles: true,
};

async function observe(options: ObservationOptions): Promise<ObservationItem[]> {
  const items: ObservationItem[] = [];
  for await (const item of simulateObservation(options)) items.push(item);
  return items;
}

const namesOf = (items: ObservationItem[]) =>
  items.flatMap((item) =>
    item.kind === 'event' && item.published.event._type === 'ObserveEvent'
      ? [item.published.event.eventName.replace('ObserveEvent.', '')]
      : [],
  );
const readsOf = (items: ObservationItem[]) => items.flatMap((item) => (item.kind === 'read' ? [item] : []));
const pixelsOf = async (path: string, hdu: string | number = 0) => {
  using fits = await openFile(path);
  return Array.from((await readImage(fits, fits.hdu(hdu))).data, Number);
};

describe('reads in files of their own', () => {
  it('are whole before their ReadoutEnd, which names them, while the ramp runs', async () => {
    const dir = scratch();
    const called: ReadFile[] = [];
    let ends = 0;
    for await (const item of simulateObservation({ ...small, dir, onRead: (read) => called.push(read) })) {
      if (item.kind !== 'event' || item.published.event.eventName !== 'ObserveEvent.ReadoutEnd') continue;
      const values = Object.fromEntries(
        item.published.event.paramSet.flatMap((p) => Object.values(p)).map((p) => [p.keyName, p.values[0]]),
      );
      const read = called[ends++]!;
      const { detector, ramp, read: number, filename } = read;
      expect(values).toMatchObject({ detector, ramp, read: number, filename });
      using fits = await openFile(join(dir, filename));
      expect(fits.hdus[0]!.shape).toEqual([44, 48]);
      const readouts = readdirSync(join(dir, '20310314', 'readouts'));
      expect(readouts.filter((name) => name.endsWith('.fits')).length).toBeLessThanOrEqual(ends + 1);
    }
    expect(ends).toBe(16);
    expect(called.map(({ ramp, read, time }) => [ramp, read, time]).filter((_, i) => i % 2 === 0)).toEqual([
      ...[
        [0, 0, 2],
        [0, 1, 4],
        [0, 2, 6],
        [0, 3, 8],
      ],
      ...[
        [1, 0, 2],
        [1, 1, 4],
        [1, 2, 6],
        [1, 3, 8],
      ],
    ]);
    expect(called[2]!.filename).toBe(
      '20310314/readouts/2031A-001-123-IRIS-IMG1-SCI0-0001_00000_00001_uncal.fits',
    );
    expect(readdirSync(dir).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('hold the pixels of the one file that has them all', async () => {
    const [apart, together] = [scratch(), scratch()];
    const effects = { cosmicRays: { rate: 1e-4 }, outputs: { drift: 5 } };
    const reads = readsOf(await observe({ ...small, dir: apart, effects }));
    const [whole] = (await observe({ ...small, dir: together, effects, readFiles: false })).flatMap((item) =>
      item.kind === 'file' ? [item] : [],
    );
    const all = await pixelsOf(whole!.path, 'SCI');
    const own = reads.filter(({ detector }) => detector === whole!.detector);
    expect(own).toHaveLength(8);
    for (const [i, { path }] of own.entries())
      expect(await pixelsOf(path)).toEqual(all.slice(i * 44 * 48, (i + 1) * 44 * 48));
    const truth = join(apart, 'truth', '2031A-001-123-IRIS-IMG1-SCI0-0001_truth.json');
    expect(readFileSync(truth, 'utf8')).toBe(readFileSync(whole!.truthPath, 'utf8'));
  });

  it("are a ramp with IRIS's keywords, times from READTIME and RST_TIME", async () => {
    const reads = readsOf(await observe({ ...small, dir: scratch(), times: [0.75, 1.5, 6, 6.75] }));
    const paths = reads.filter(({ detector }) => detector === 'IMG4').map(({ path }) => path);
    const ramp = await openRamp(paths.toReversed());
    expect(ramp).toMatchObject({ kind: 'ramp', shape: [2, 4, 44, 48], detector: 'IMG4', dtype: 'uint16' });
    expect(ramp.timeSource).toBe('READTIME');
    expect(ramp.warnings).toEqual([]);
    for (const times of ramp.times) {
      const since = times.map((t) => t - times[0]!);
      for (const [i, t] of [0, 0.75, 5.25, 6].entries()) expect(since[i]).toBeCloseTo(t, 5);
    }
  });

  it('agree with astropy on values, times and checksums, and with fitsverify', async () => {
    const reads = readsOf(await observe({ ...small, dir: scratch() }));
    const { path } = reads.at(-1)!;
    if (oraclePresent('fitsverify', ['-h']))
      expect(execFileSync('fitsverify', ['-q', path], { encoding: 'utf8' })).toMatch(/^verification OK/);
    if (!astropyPresent()) return;
    const script = `
import json, sys
from astropy.io import fits
from astropy.time import Time
with fits.open(sys.argv[1], checksum=True) as hdus:
    hdus.verify("exception")
    h, data = hdus[0].header, hdus[0].data
    start = Time(h["DATE-OBS"] + "T" + h["TIME-OBS"], scale="utc")
    print(json.dumps({"sum": int(data.sum()), "dtype": str(data.dtype), "reset": (h["RST_TIME"] / 86400e6 - start.mjd) * 86400,
        **{k: h[k] for k in ("RAMP_NO", "READ_NO", "FRM_TIME", "DET_ID", "EXP_NO", "COMPLETE", "SARRMODE", "XSIZE", "YSTART")}}))`;
    const found = JSON.parse(execFileSync(PYTHON, ['-c', script, path], { encoding: 'utf8' }));
    expect(found).toMatchObject({
      dtype: 'uint16',
      RAMP_NO: 1,
      READ_NO: 3,
      FRM_TIME: 2_000_000,
      DET_ID: 'IMG4',
    });
    expect(found).toMatchObject({ EXP_NO: 1, COMPLETE: true, SARRMODE: 'FULL_FRAME', XSIZE: 48, YSTART: 1 });
    expect(found.sum).toBe((await pixelsOf(path)).reduce((a, b) => a + b, 0));
    expect(found.reset).toBeCloseTo(8, 4); // the second ramp begins after four reads of 2 s
  });

  it('count microseconds of MJD', () => {
    expect(mjdMicroseconds('1858-11-17T00:00:00Z')).toBe(0);
    expect(mjdMicroseconds('2000-01-01T12:00:00.000001999Z')).toBe(51_544.5 * 86_400e6 + 1);
  });
});

describe('what goes wrong', () => {
  it('leaves out missing reads, and marks those that stopped halfway', async () => {
    const missing = [
      { ramp: 0, read: 2 },
      { ramp: 1, read: 1, detector: 'IMG1', incomplete: true },
    ];
    const items = await observe({ ...small, dir: scratch(), missing });
    const reads = readsOf(items).filter(({ detector }) => detector === 'IMG1');
    expect(reads.map(({ ramp, read }) => `${ramp} ${read}`)).not.toContain('0 2');
    expect(reads).toHaveLength(7);
    expect(namesOf(items).filter((name) => name === 'ReadoutFailed')).toHaveLength(3);
    expect(namesOf(items).filter((name) => name === 'ReadoutEnd')).toHaveLength(13);
    const ramp = await openRamp(reads.map(({ path }) => path));
    expect(ramp.warnings.join()).toContain('COMPLETE is F');
    expect(ramp.times[0]!.map((t) => Math.round(t - ramp.times[0]![0]!))).toEqual([0, 2, 6]);
    const half = await pixelsOf(reads.find(({ ramp: r, read }) => r === 1 && read === 1)!.path);
    expect(half.slice(-48)).toEqual(Array(48).fill(32_768)); // zero bytes
  });

  it('aborts an exposure: fewer reads than announced, ExposureAborted, and the file of what there is', async () => {
    for (const [reads, shape] of [
      [3, [1, 3, 44, 48]],
      [6, [1, 4, 44, 48]],
    ] as const) {
      const items = await observe({
        ...small,
        dir: scratch(),
        readFiles: false,
        abort: { exposure: 1, reads },
      });
      const names = namesOf(items);
      expect(names.filter((name) => name === 'ReadoutEnd')).toHaveLength(reads);
      expect(names).not.toContain('ExposureEnd');
      const end = names.slice(names.indexOf('ExposureAborted') - 1);
      expect(end.slice(0, 5)).toEqual([
        ...['IRDetectorExposureState', 'ExposureAborted', 'IRDetectorExposureState'],
        ...['DataWriteStart', 'DataWriteEnd'],
      ]);
      const [file] = items.flatMap((item) => (item.kind === 'file' ? [item] : []));
      using fits = await openFile(file!.path);
      expect(fits.hdu('SCI').shape).toEqual(shape);
      expect(fits.hdu('TIMES').shape).toEqual(shape.slice(0, 2));
      expect(fits.hdus[0]!.header.number('NREADS')).toBe(4);
    }
  });

  it('aborts reads in files of their own at any read of any ramp', async () => {
    const items = await observe({ ...small, dir: scratch(), abort: { exposure: 1, reads: 6 } });
    const done = items.flatMap((item) => (item.kind === 'reads' ? [item] : []));
    expect(done.map(({ detector, files }) => [detector, files.length])).toEqual([
      ['IMG1', 6],
      ['IMG4', 6],
    ]);
    expect(done.every(({ truthPath }) => existsSync(truthPath))).toBe(true);
  });

  it('refuses missing reads in the one file that has them all', async () => {
    await expect(
      observe({ ...small, dir: scratch(), readFiles: false, missing: [{ ramp: 0, read: 1 }] }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SimulatorError: missing is asked for; give readFiles too: only reads in files of their own can be missing]`,
    );
  });
});

describe('parts of a detector', () => {
  it('say where they lie', async () => {
    const window = { x: 8, y: 5, nx: 20, ny: 30 };
    const guide = { x: 12, y: 9, nx: 4, ny: 4 };
    const headers = async (options: Partial<ObservationOptions>) => {
      const items = await observe({ ...small, dir: scratch(), detectors: ['IMG1'], ...options });
      using fits = await openFile(readsOf(items)[0]!.path);
      const { header } = fits.hdus[0]!;
      return (...keywords: string[]) => keywords.map((keyword) => header.get(keyword));
    };
    const [full, part, guided] = await Promise.all([
      headers({}),
      headers({ window }),
      headers({ effects: { guideWindows: { windows: [guide] } } }),
    ]);
    const subarray = [
      'SUBARRAY',
      'SUBSTRT1',
      'SUBSTRT2',
      'SUBSIZE1',
      'SUBSIZE2',
      'SARRMODE',
      'XSTART',
      'YSTART',
    ];
    expect(full(...subarray)).toEqual(['FULL', 1, 1, 48, 44, 'FULL_FRAME', 1, 1]);
    expect(part(...subarray)).toEqual(['CUSTOM', 9, 6, 20, 30, 'SUB_ARRAY', 9, 6]);
    const crpix = (get: typeof full) => get('CRPIX1', 'CRPIX2').map(Number);
    expect(crpix(full).map((v, i) => v - crpix(part)[i]!)).toEqual([8, 5]);
    expect(guided('SARRMODE', 'ODGWX1', 'ODGWY1', 'ODGWNX1', 'ODGWNY1', 'NOUTPUTS')).toEqual([
      'ODGW',
      13,
      10,
      4,
      4,
      64,
    ]);
  });
});
