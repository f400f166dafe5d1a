import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFile } from '@iris-drs/fits/node';
import type { FrameTruth } from '@iris-drs/simulator';
import { parseEventLine } from '@iris-drs/tmt';
import { describe, expect, it } from 'vitest';
import { drs, testDirectory } from './drs.ts';

const directory = testDirectory();
const small = ['--size', '64', '--science', '1', '--sky', '1', '--reads', '3', '--detectors', 'IMG1,IMG2'];
const observation = (name: string, ...more: string[]) =>
  drs([
    'sim',
    'observation',
    '--data',
    join(directory, name),
    '--refs',
    join(directory, 'refs'),
    ...small,
    ...more,
  ]);

describe('sim observation', () => {
  it('leaves ramps, truth, references and events where publish and the stages look for them', async () => {
    const { status, stdout, complaints } = observation('night');
    const data = join(directory, 'night');
    expect([status, stdout]).toEqual([0, expect.stringContaining('4 ramp files')]);
    expect(complaints).toContain('drs: simulated references');
    const [day] = readdirSync(data).filter((name) => /^\d{8}$/.test(name));
    const ramps = readdirSync(join(data, day!, 'readouts'));
    expect(ramps.length).toBe(4);
    expect(readdirSync(join(data, 'truth')).length).toBe(4);
    using ramp = await openFile(join(data, day!, 'readouts', ramps[0]!));
    expect(ramp.hdu('SCI').shape.slice(-3)).toEqual([3, 64, 64]);

    const lines = readFileSync(join(data, 'events.ndjson'), 'utf8').trim().split('\n');
    const names = lines.map((line) => parseEventLine(line).event.eventName);
    expect(names[0]).toContain('ObservationStart');
    expect(names.at(-1)).toContain('ObservationEnd');
    expect(names.filter((name) => /ExposureEnd$/.test(name)).length).toBe(2);
    const named = lines.flatMap((line) => /"filename","values":\["([^"]+)"\]/.exec(line)?.[1] ?? []);
    expect(new Set(named).size).toBe(4);
    for (const path of named) expect(existsSync(join(data, path))).toBe(true);
    expect(existsSync(join(directory, 'refs', 'mappings', 'tmt', 'tmt_0001.pmap'))).toBe(true);
  });

  it('gives the same bytes for the same seed, and leaves references that are there as they are', () => {
    const first = observation('one', '--seed', '5');
    const second = observation('two', '--seed', '5', '--events', join(directory, 'elsewhere', 'two.ndjson'));
    expect([first.status, second.status]).toEqual([0, 0]);
    expect(second.stderr).toContain('has the context tmt_0001.pmap; its references are left as they are');
    const events = (path: string): string => readFileSync(join(directory, path), 'utf8');
    expect(events('elsewhere/two.ndjson')).toBe(events('one/events.ndjson'));
    const [day] = readdirSync(join(directory, 'one')).filter((name) => /^\d{8}$/.test(name));
    for (const name of readdirSync(join(directory, 'one', day!, 'readouts'))) {
      const bytes = (run: string): Buffer => readFileSync(join(directory, run, day!, 'readouts', name));
      expect(bytes('one').equals(bytes('two'))).toBe(true);
    }
  });

  it('numbers a second observation as told', () => {
    expect(observation('later', '--observation', '2031A-001-124', '--first', '7').status).toBe(0);
    const text = readFileSync(join(directory, 'later', 'events.ndjson'), 'utf8');
    expect(text).toContain('2031A-001-124-IRIS-IMG-SCI0-0007');
  });
});

describe('effects of the detector', () => {
  const read = (name: string) => {
    const data = join(directory, name);
    const [day] = readdirSync(data).filter((entry) => /^\d{8}$/.test(entry));
    const [ramp] = readdirSync(join(data, day!, 'readouts')).sort();
    const [truth] = readdirSync(join(data, 'truth')).sort();
    return {
      ramp: join(data, day!, 'readouts', ramp!),
      truth: JSON.parse(readFileSync(join(data, 'truth', truth!), 'utf8')) as FrameTruth,
    };
  };

  it('are those that were named, and what is known of them is in the truth', async () => {
    const refs = join(directory, 'effect-refs');
    const made = observation(
      'effects',
      ...['--refs', refs, '--reference-pixels', '4', '--outputs', '16', '--cosmic-rays', '1e-4'],
      ...['--snowballs', '1e-5', '--seeing', '0.1', '--guide-windows', '20,30,8,6', '--settling', '40,10'],
      ...['--reset-noise', '15', '--output-drift', '5', '--flicker', '3', '--persistence', '0.01,100'],
    );
    expect([made.status, made.complaints.join()]).toEqual([
      0,
      expect.stringContaining('simulated references'),
    ]);
    const { ramp, truth } = read('effects');
    expect(truth.hits?.some(({ kind }) => kind === 'cosmicRay')).toBe(true);
    expect(truth.hits?.every(({ kind, pixels }) => kind !== 'cosmicRay' || pixels!.length > 0)).toBe(true);
    expect(truth.outside).toEqual({
      science: { x: 4, y: 4, nx: 56, ny: 56 },
      guideWindows: [{ x: 19, y: 29, nx: 8, ny: 6 }],
    });
    expect(truth.seeing?.[0]).toHaveLength(3);
    using file = await openFile(ramp);
    const { header } = file.hdus[0]!;
    expect(['NOUTPUTS', 'SARRMODE', 'ODGWX1', 'ODGWNY1'].map((key) => header.get(key))).toEqual([
      ...[16, 'ODGW', 20, 6],
    ]);
    // Nine references to each of two detectors: what settles needs a dark ramp.
    expect(readdirSync(join(refs, 'references', 'tmt', 'iris')).length).toBe(18);
  });

  it.each([
    ['--persistence', '0.01'],
    ['--guide-windows', '1,2,3'],
    ['--guide-windows', '60,60,16,16'],
    ['--cosmic-rays', '-1'],
    ['--outputs', '65'],
  ])('%s %s is wrong usage', (flag, value) => {
    const { status, complaints } = observation('never', flag, value);
    expect([status, complaints.length > 0]).toEqual([2, true]);
    expect(existsSync(join(directory, 'never', 'events.ndjson'))).toBe(false);
  });
});

describe('sim references', () => {
  it('makes eight references a detector with their CRDS cache, once', () => {
    const refs = join(directory, 'alone');
    const args = ['sim', 'references', '--refs', refs, '--size', '64', '--detectors', 'IMG1,IMG4'];
    expect(drs(args)).toMatchObject({ status: 0, stdout: expect.stringContaining('16 references') });
    expect(readdirSync(join(refs, 'references', 'tmt', 'iris')).length).toBe(16);
    const again = drs(args);
    expect(again.status).toBe(1);
    expect(again.complaints.length).toBe(1);
    expect(again.stderr).toContain(refs);
  });
});

describe('sim refuses', () => {
  it.each([
    [['sim']],
    [['sim', 'night']],
    [['sim', 'references']],
    [['sim', 'observation', '--data', 'd', '--refs', 'r', '--size', 'big']],
    [['sim', 'observation', '--data', 'd', '--refs', 'r', '--size', '1']],
    [['sim', 'observation', '--data', 'd', '--refs', 'r', 'extra']],
    [['sim', 'references', '--refs', join(directory, 'never'), '--detectors', 'IMG9']],
  ])('%j as wrong usage', (args) => {
    const { status, stdout, stderr } = drs(args, { DRS_DATA: '', CRDS_PATH: '' });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^drs: /);
  });

  it('an observation of nothing, and leaves an older event file alone', () => {
    const events = join(directory, 'night', 'events.ndjson');
    const before = existsSync(events) ? readFileSync(events, 'utf8') : undefined;
    expect(observation('night', '--science', '0', '--sky', '0').status).toBe(2);
    expect(existsSync(events) ? readFileSync(events, 'utf8') : undefined).toBe(before);
  });
});
