import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildCache } from '@iris-drs/crds';
import { Header } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { drs, testDirectory } from '../drs.ts';

const directory = testDirectory();
const path = (...parts: string[]) => join(directory, ...parts);
const refs = path('cache');
const env = { CRDS_PATH: refs, CRDS_CONTEXT: '', CRDS_OBSERVATORY: '' };

/** A dark that certification accepts. */
const dark = (name: string, detector = 'IMG1', useAfter = '2030-01-01T00:00:00'): string => {
  const [ny, nx] = [8, 8];
  const header = Header.from([
    ['TELESCOP', 'TMT'],
    ['INSTRUME', 'IRIS'],
    ['REFTYPE', 'DARK'],
    ['DETECTOR', detector],
    ['USEAFTER', useAfter],
    ['PEDIGREE', 'SIMULATION'],
    ['AUTHOR', 'a test'],
    ['DESCRIP', 'a dark frame made by a test'],
    ['EXPTIME', 20],
    ['NREADS', 4],
    ['TGROUP', 2],
    ['BUNIT', 'DN/s'],
  ]);
  header.history('made by a test');
  const data = Float32Array.from({ length: ny * nx }, (_, i) => 0.01 + 0.001 * (i % 7));
  const plane = { shape: [ny, nx], header: Header.from([['BUNIT', 'DN/s']]) };
  writeFile(path(name), [
    { kind: 'image', shape: [], header },
    { kind: 'image', name: 'SCI', ...plane, data },
    { kind: 'image', name: 'ERR', ...plane, data: new Float32Array(ny * nx).fill(1e-3) },
    { kind: 'image', name: 'DQ', shape: [ny, nx], data: new Uint32Array(ny * nx) },
  ]);
  return path(name);
};

beforeAll(async () => {
  const references = [
    {
      match: ['IMG1'],
      useAfter: '2020-01-01 00:00:00',
      file: 'tmt_iris_dark_0001.fits',
      from: dark('one.fits'),
    },
  ];
  const types = { dark: { parameters: ['META.INSTRUMENT.DETECTOR'], references }, flat: 'N/A' as const };
  await buildCache(refs, { types });
  writeFileSync(
    path('img1.json'),
    '{"INSTRUME": "IRIS", "DETECTOR": "IMG1", "DATE-OBS": "2031-02-03T04:05:06"}',
  );
  writeFileSync(
    path('img4.json'),
    '{"INSTRUME": "IRIS", "DETECTOR": "IMG4", "DATE-OBS": "2031-02-03T04:05:06"}',
  );
});

const refsCommand = (...args: string[]) => drs(['refs', ...args], env);
const inForce = (): string =>
  refsCommand('list')
    .stdout.split('\n')
    .find((line) => line.startsWith('*')) ?? '';

describe('refs why', () => {
  it('tells the rule that answers, and for a miss what fails', () => {
    const found = refsCommand('why', path('img1.json'), 'DARK');
    expect([found.status, found.stdout.split('\n')[0]]).toEqual([0, 'dark: tmt_iris_dark_0001.fits']);
    expect(found.stdout).toContain('Match: rule (IMG1)');
    const missed = refsCommand('why', path('img4.json'), 'dark', '--json');
    expect(missed.status).toBe(1);
    expect(JSON.parse(missed.stdout).failed).toEqual([
      { parameter: 'META.INSTRUMENT.DETECTOR', wanted: 'IMG1', found: 'IMG4', verdict: 'fails' },
    ]);
  });

  it('refuses what is no header, and needs a type', () => {
    writeFileSync(path('list.json'), '[1]');
    for (const [args, code] of [
      [['why', path('list.json'), 'dark'], 1],
      [['why', path('none.fits'), 'dark'], 1],
      [['why', path('img1.json')], 2],
      [['why', path('img1.json'), 'dark', '--remote', 'nowhere'], 2],
    ] as const) {
      const { status, stdout, complaints } = refsCommand(...args);
      expect([args, status, stdout, complaints.length > 0]).toEqual([args, code, '', true]);
    }
  });
});

describe('changing the context in force', () => {
  it('ingest, diff, rollback and activate, with who and why in the history', () => {
    const file = dark('tmt_iris_dark_0002.fits');
    const rehearsed = refsCommand('ingest', file, '--why', 'a new dark', '--dry-run');
    expect([rehearsed.status, rehearsed.stdout.split('\n')[0]]).toEqual([0, 'would be done:']);
    expect(inForce()).toBe('* tmt_0001.pmap');
    const done = refsCommand('ingest', file, '--why', 'a new dark', '--by', 'ada', '--json');
    expect(done.complaints).toEqual([]);
    expect(JSON.parse(done.stdout)).toMatchObject({
      changed: true,
      entry: { action: 'ingest', by: 'ada', why: 'a new dark', from: 'tmt_0001.pmap', to: 'tmt_0002.pmap' },
    });
    expect(refsCommand('ingest', file, '--why', 'again').stdout).toContain('has these references already');
    expect(refsCommand('bestrefs', path('img1.json'), '--types', 'dark').stdout).toContain('dark_0002.fits');

    const differ = refsCommand('diff', 'tmt_0001.pmap', 'tmt_0002.pmap');
    expect([differ.status, differ.stdout.split('\n').filter((line) => line.includes('.fits'))]).toEqual([
      1,
      [expect.stringContaining('tmt_iris_dark_0002.fits')],
    ]);
    const rmaps = ['tmt_iris_dark_0001.rmap', 'tmt_iris_dark_0002.rmap'];
    expect(refsCommand('diff', ...rmaps).status).toBe(1);
    const imaps = refsCommand('diff', 'tmt_iris_0001.imap', 'tmt_iris_0002.imap');
    expect([imaps.status, imaps.stdout]).toEqual([
      1,
      differ.stdout
        .split('\n')
        .filter((line) => !line.includes("('iris',)"))
        .join('\n')
        .replaceAll("('tmt_0001.pmap', 'tmt_0002.pmap'), ", ''),
    ]);
    expect(refsCommand('diff', rmaps[0]!, rmaps[0]!)).toMatchObject({
      status: 0,
      stdout: 'no differences\n',
    });

    expect(refsCommand('rollback', '--why', 'it was a flat').status).toBe(0);
    expect(inForce()).toBe('* tmt_0001.pmap');
    expect(
      refsCommand('activate', 'tmt_0002.pmap', '--why', 'no', '--expected', 'tmt_0002.pmap').status,
    ).toBe(1);
    expect(refsCommand('activate', 'tmt_0002.pmap', '--why', 'it was a dark').status).toBe(0);
    const history = refsCommand('history', '--json').stdout.trimEnd().split('\n');
    expect(history.map((line) => JSON.parse(line)).map(({ action, why }) => `${action}: ${why}`)).toEqual([
      'activate: it was a dark',
      'rollback: it was a flat',
      'ingest: a new dark',
      'begin: the context in force when the history begins',
    ]);
    expect(refsCommand('history', '--limit', '1').stdout).toMatch(
      /^ {4}4 {2}\S+ {2}activate {2}tmt_0001\.pmap → tmt_0002\.pmap\n/,
    );
  });

  it('needs a reason, and leaves everything as it was when anything is wrong', () => {
    const before = inForce();
    const files = () => readdirSync(refs, { recursive: true }).sort();
    const there = files();
    mkdirSync(path('sub'), { recursive: true });
    const other = dark('sub/tmt_iris_dark_0001.fits', 'IMG2');
    writeFileSync(path('text.fits'), 'hello');
    if (!existsSync(path('link.fits'))) symlinkSync('/etc/passwd', path('link.fits'));
    for (const [args, code] of [
      [['ingest', other], 2],
      [['ingest', other, '--why', ' '], 2],
      [['ingest', other, '--why', 'x', '--by', ''], 2],
      [['ingest', other, '--why', 'a name that is taken'], 1],
      [['ingest', path('text.fits'), '--why', 'x'], 1],
      [['ingest', path('link.fits'), '--why', 'x'], 1],
      [['ingest', path('none.fits'), '--why', 'x'], 1],
      [['activate', 'tmt_0099.pmap', '--why', 'x'], 3],
      [['activate', '../../x.pmap', '--why', 'x'], 3],
      [['activate', 'tmt_0001.pmap'], 2],
      [['diff', 'tmt_0001.pmap', 'tmt_0099.pmap'], 3],
      [['show', 'tmt_0099.pmap'], 3],
      [['rollback', 'tmt_0001.pmap', '--why', 'x'], 2],
      [['diff', 'tmt_0001.pmap'], 2],
      [['diff', 'tmt_0001.pmap', 'tmt_iris_dark_0001.rmap'], 2],
      [['history', '--limit', 'x'], 2],
      [['rollback', '--why', 'x', '--remote', '127.0.0.1:1'], 3],
    ] as const) {
      const { status, stdout, complaints } = refsCommand(...args);
      expect([args, status, stdout, complaints.length > 0]).toEqual([args, code, '', true]);
    }
    expect([inForce(), files()]).toEqual([before, there]);
  });
});
