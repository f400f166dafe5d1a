import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFile } from '@iris-drs/fits/node';
import { describe, expect, it } from 'vitest';
import { type ObservationItem, simulateObservation } from '../src/observation.ts';
import type { ObservationOptions } from '../src/plan.ts';
import { oraclePresent } from './oracle.ts';
import { scratch } from './scratch.ts';

const small: Omit<ObservationOptions, 'dir'> = { size: [63, 65], stars: 4, reads: 3, ramps: 2, threads: 0 };

async function observe(options: ObservationOptions): Promise<ObservationItem[]> {
  const items: ObservationItem[] = [];
  for await (const item of simulateObservation(options)) items.push(item);
  return items;
}

const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const eventsOf = (items: ObservationItem[]) =>
  items.flatMap((item) => (item.kind === 'event' ? [item.published] : []));
const filesOf = (items: ObservationItem[]) => items.flatMap((item) => (item.kind === 'file' ? [item] : []));

describe('a simulated observation', () => {
  it('gives the same bytes and events whatever the number of threads', async () => {
    const [one, two] = [scratch(), scratch()];
    const first = await observe({ ...small, dir: one, refs: join(one, 'refs'), science: 1 });
    const second = await observe({ ...small, dir: two, refs: join(two, 'refs'), science: 1, threads: 2 });
    expect(eventsOf(second)).toEqual(eventsOf(first));
    const paths = (items: ObservationItem[]) => [
      ...items.flatMap((item) => (item.kind === 'references' ? item.files : [])),
      ...filesOf(items).flatMap(({ path, truthPath }) => [path, truthPath]),
    ];
    expect(paths(first)).toHaveLength(8 + 2 * 2);
    expect(paths(second).map(hash)).toEqual(paths(first).map(hash));
  });

  it('writes files that fitsverify accepts', async () => {
    if (!oraclePresent('fitsverify', ['-h'])) return;
    const dir = scratch();
    const items = await observe({ ...small, dir, refs: join(dir, 'refs'), science: 1, sky: 0 });
    const files = [
      ...items.flatMap((item) => (item.kind === 'references' ? item.files : [])),
      ...filesOf(items).map(({ path }) => path),
    ];
    const report = execFileSync('fitsverify', ['-q', ...files], { encoding: 'utf8' });
    expect(report.match(/^verification OK/gm)).toHaveLength(9);
  });

  it('announces every file after it is whole, under a path relative to the data directory', async () => {
    const dir = scratch();
    const detectors = ['IMG1', 'IMG2', 'IMG3', 'IMG4'];
    let files = 0;
    for await (const item of simulateObservation({ ...small, dir, detectors, science: 1, sky: 1 })) {
      if (item.kind === 'file') files += 1;
      if (item.kind !== 'event' || item.published.event.eventName !== 'ObserveEvent.DataWriteEnd') continue;
      const parameter = item.published.event.paramSet.find((p) => p.StringKey?.keyName === 'filename');
      const filename = String(parameter?.StringKey?.values[0]);
      expect(filename).toMatch(
        /^20310314\/readouts\/2031A-001-123-IRIS-IMG[1-4]-(SCI|SKY)0-000[12]_uncal\.fits$/,
      );
      using fits = await openFile(join(dir, filename));
      expect(fits.hdu('SCI').shape).toEqual([2, 3, 63, 65]);
      expect(fits.hdus[0]!.header.get('DETECTOR')).toBe(/IMG\d/.exec(filename)?.[0]);
    }
    expect(files).toBe(8);
  });

  it('keeps the order of events of an exposure', async () => {
    const items = await observe({ ...small, dir: scratch(), science: 1, sky: 0 });
    const names = eventsOf(items)
      .filter(({ event }) => event._type === 'ObserveEvent')
      .map(({ event }) => event.eventName.replace('ObserveEvent.', ''));
    const reads = Array.from({ length: 6 }, () => ['ReadoutEnd', 'IRDetectorExposureData']).flat();
    expect(names.filter((name) => !name.startsWith('Offset'))).toEqual([
      ...['ObservationStart', 'PresetStart', 'PresetEnd', 'GuidestarAcqStart', 'GuidestarAcqEnd'],
      ...['ScitargetAcqStart', 'ScitargetAcqEnd', 'ObserveStart', 'IRDetectorExposureState', 'ExposureStart'],
      ...reads,
      ...['ExposureEnd', 'IRDetectorExposureState', 'DataWriteStart', 'DataWriteEnd'],
      ...['MetadataAvailable', 'ExposureAvailable', 'ObserveEnd', 'ObservationEnd'],
    ]);
    const events = eventsOf(items);
    const times = events.map(({ event }) => event.eventTime);
    expect(times).toEqual(times.toSorted());
    expect(new Set(events.map(({ event }) => event.eventId)).size).toBe(events.length);
    for (const { key, event } of events) {
      expect(key).toBe(`${event.source}.${event.eventName}`);
      expect(event.eventId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('tells sky from object, and which detectors take part', async () => {
    const items = await observe({
      ...small,
      dir: scratch(),
      detectors: ['IMG1', 'IMG3'],
      order: ['SKY', 'SCI'],
    });
    const last = (name: string, before: number) =>
      items
        .slice(0, before)
        .flatMap((item) => (item.kind === 'event' ? [item.published.event] : []))
        .findLast((event) => event.eventName === name)!.paramSet;
    const started = items.flatMap((item, i) =>
      item.kind === 'event' && item.published.event.eventName === 'ObserveEvent.ExposureStart' ? [i] : [],
    );
    const values = (name: string, key: string, at: number) =>
      last(name, at)
        .flatMap((parameter) => Object.values(parameter))
        .find(({ keyName }) => keyName === key)?.values;
    expect(started.map((at) => values('DitherPosition', 'currentPositionIsSky', at))).toEqual([
      [true],
      [false],
    ]);
    expect(values('state', 'use', started[0]!)).toEqual([true, false, true, false]);
    expect(filesOf(items).map(({ role }) => role)).toEqual(['SKY', 'SKY', 'SCI', 'SCI']);
  });

  it('moves the stars by the dither, and the world coordinates with them', async () => {
    const files = filesOf(
      await observe({ ...small, dir: scratch(), size: 96, stars: 12, dither: 5, science: 2, sky: 0 }),
    );
    const [a, b] = files.map(({ truthPath }) => JSON.parse(readFileSync(truthPath, 'utf8')));
    const crpix = async (path: string) => {
      using fits = await openFile(path);
      const { header } = fits.hdu('SCI');
      return [header.number('CRPIX1')!, header.number('CRPIX2')!];
    };
    const [p, q] = await Promise.all(files.map(({ path }) => crpix(path)));
    const star = a.stars.find((s: { isolated: boolean }) => s.isolated);
    const moved = b.stars.find((s: { rate: number }) => s.rate === star.rate);
    expect(moved.x - star.x).toBeCloseTo(q![0]! - p![0]!, 5);
    expect(moved.y - star.y).toBeCloseTo(q![1]! - p![1]!, 5);
    expect(Math.hypot(moved.x - star.x, moved.y - star.y)).toBeGreaterThan(0.1);
  });

  it('keeps a context that is there', async () => {
    const dir = scratch();
    const refs = join(dir, 'refs');
    await observe({ ...small, dir, refs, science: 1, sky: 0 });
    expect(existsSync(join(refs, 'mappings', 'tmt', 'tmt_0001.pmap'))).toBe(true);
    const again = await observe({ ...small, dir, refs, science: 1, sky: 0 });
    expect(again.some(({ kind }) => kind === 'references')).toBe(false);
  });

  it('refuses detectors that IRIS does not have', async () => {
    await expect(
      observe({ ...small, dir: scratch(), detectors: ['IMG5'] }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SimulatorError: detectors is IMG5; give one or more of IMG1 IMG2 IMG3 IMG4, or IFS alone]`,
    );
  });

  it('is of the IFS alone, under its own source and id', async () => {
    const items = await observe({ ...small, dir: scratch(), detectors: ['IFS'], science: 1, sky: 0 });
    const [file] = filesOf(items);
    expect(file!.filename).toBe('20310314/readouts/2031A-001-123-IRIS-IFS-SCI0-0001_uncal.fits');
    using fits = await openFile(file!.path);
    const { header } = fits.hdus[0]!;
    expect(['DETECTOR', 'INSTMODE', 'OBSNAME'].map((key) => header.get(key))).toEqual([
      'IFS',
      'SLICER',
      'SLI-SCI',
    ]);
    const start = eventsOf(items).find(({ event }) => event.eventName === 'ObserveEvent.ExposureStart');
    expect(start!.event.source).toBe('IRIS.ifs.detector');
    await expect(observe({ ...small, dir: scratch(), detectors: ['IMG1', 'IFS'] })).rejects.toThrow(
      /IFS alone/,
    );
  });

  it('says so when the stars do not fit', async () => {
    await expect(observe({ ...small, dir: scratch(), stars: 500 })).rejects.toThrow(
      /stars keep 14 pixels apart/,
    );
  });
});
