import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRamp } from '@iris-drs/datamodels';
import { readImage } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { describe, expect, it } from 'vitest';
import { simulateObservation } from '../src/observation.ts';
import { soakEvents, soakReferences, soakWriter } from '../src/soak.ts';
import { oraclePresent } from './oracle.ts';
import { scratch } from './scratch.ts';

const exposureId = '2031A-001-123-IRIS-IMG-SCI0-0007';
const start = '2031-03-14T09:26:53.589Z';

describe('reads for load', () => {
  it('are a ramp of right headers, checksums and repeated rows', async () => {
    const writer = soakWriter({ dir: scratch(), reads: 3, size: 100, rows: 32, readSeconds: 0.72 });
    expect(writer.pixelBytes).toBe(20_000);
    const files = [0, 1, 2].map((read) => writer.write(exposureId, 'IFS', start, { ramp: 0, read }));
    if (oraclePresent('fitsverify', ['-h']))
      expect(execFileSync('fitsverify', ['-q', files[2]!.path], { encoding: 'utf8' })).toMatch(
        /^verification OK/,
      );
    const ramp = await openRamp(files.map(({ path }) => path));
    expect(ramp).toMatchObject({ shape: [1, 3, 100, 100], detector: 'IFS', timeSource: 'READTIME' });
    expect(ramp.times[0]![2]! - ramp.times[0]![0]!).toBeCloseTo(1.44, 5);
    const planes = await Promise.all(
      files.map(async ({ path }) => {
        using fits = await openFile(path);
        return (await readImage(fits, fits.hdu(0))).data as Uint16Array;
      }),
    );
    for (const data of planes) for (let i = 3200; i < 10_000; i++) expect(data[i]).toBe(data[i - 3200]);
    const level = (data: Uint16Array) => data.reduce((a, b) => a + b, 0) / data.length;
    expect(level(planes[2]!) - level(planes[1]!)).toBeGreaterThan(5);
  });

  it('come with the events of an observation, the same in each ramp', async () => {
    const reads: string[] = [];
    const options = {
      dir: scratch(),
      size: 70,
      stars: 0,
      reads: 2,
      ramps: 2,
      science: 1,
      sky: 0,
      threads: 0,
    };
    for await (const item of simulateObservation({ ...options, readFiles: true, repeatRows: 16 }))
      if (item.kind === 'read') reads.push(item.path);
    const pixels = await Promise.all(
      reads.map(async (path) => {
        using fits = await openFile(path);
        return (await readImage(fits, fits.hdu(0))).data;
      }),
    );
    expect(pixels).toHaveLength(4);
    expect(pixels[2]).toEqual(pixels[0]);
    expect(pixels[1]).not.toEqual(pixels[0]);
  });

  it('come with what their controllers say, in order and each event once', async () => {
    const writer = soakWriter({ dir: scratch(), reads: 2, size: 16, rows: 16 });
    const events = soakEvents(start);
    const files = [0, 1].map((read) => writer.write(exposureId, 'IMG3', start, { ramp: 0, read }));
    const all = [...events.start(exposureId), ...files.map(events.read), ...events.end(exposureId)];
    const names = all.map(({ event }) => event.eventName.replace('ObserveEvent.', ''));
    expect(names).toEqual([
      ...['IRDetectorExposureState', 'ExposureStart', 'ReadoutEnd', 'ReadoutEnd'],
      ...['ExposureEnd', 'IRDetectorExposureState'],
    ]);
    expect(new Set(all.map(({ event }) => event.eventId)).size).toBe(all.length);
    const times = all.map(({ event }) => event.eventTime);
    expect(times).toEqual([...times].sort());
    expect(JSON.stringify(all[3])).toContain(files[1]!.filename);
  });

  it('have references, the same for all detectors', async () => {
    const refs = scratch();
    await soakReferences({ refs, detectors: ['IMG1', 'IFS'], size: 16 });
    const directory = join(refs, 'references', 'tmt', 'iris');
    const files = readdirSync(directory).sort();
    expect(files).toEqual(
      ['gain', 'nonlincoeff', 'readnoise'].flatMap((type) =>
        ['ifs', 'img1'].map((detector) => `tmt_iris_${type}_${detector}_0001.fits`),
      ),
    );
    const [ifs, img1] = files.map((name) => readFileSync(join(directory, name)));
    expect(ifs!.equals(img1!)).toBe(true);
  });
});
