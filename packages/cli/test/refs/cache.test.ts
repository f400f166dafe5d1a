import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { buildCache } from '@iris-drs/crds';
import { Header } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { drs, testDirectory } from '../drs.ts';

const directory = testDirectory();
const path = (...parts: string[]) => join(directory, ...parts);
const refs = path('cache');
const mappings = (cache = refs) => join(cache, 'mappings/tmt');
const reference = (name: string, cache = refs) => join(cache, 'references/tmt/iris', name);

const frame = (name: string, detector: string): string => {
  const header = Header.from([
    ['INSTRUME', 'IRIS'],
    ['DETECTOR', detector],
    ['DATE-OBS', '2031-01-01T00:00:00'],
  ]);
  writeFile(path(name), [
    { kind: 'image', shape: [], header },
    { kind: 'image', name: 'SCI', shape: [4, 5], data: new Float32Array(20) },
  ]);
  return path(name);
};

const rule = (type: string, file: string) => ({
  parameters: ['META.INSTRUMENT.DETECTOR'],
  references: [
    { match: ['IMG1'], useAfter: '2020-01-01 00:00:00', file, from: frame(`${type}.made.fits`, 'IMG1') },
  ],
});

beforeAll(async () => {
  await buildCache(refs, {
    types: { dark: rule('dark', 'dark_1.fits'), flat: rule('flat', 'flat_1.fits'), mask: 'N/A' },
  });
  frame('img1.fits', 'IMG1');
  frame('img4.fits', 'IMG4');
});

const on = (cache: string) => ({ CRDS_PATH: cache, CRDS_CONTEXT: '', CRDS_OBSERVATORY: '' });

describe('refs bestrefs', () => {
  it('answers every type by the keywords of a file', () => {
    const { status, stdout } = drs(['refs', 'bestrefs', path('img1.fits')], on(refs));
    expect([status, stdout.replaceAll(`${directory}/`, '')]).toMatchInlineSnapshot(`
      [
        0,
        "img1.fits: tmt_0001.pmap
        dark  dark_1.fits
        flat  flat_1.fits
        mask  N/A  (tmt_iris_0001.imap says N/A)
      ",
      ]
    `);
  });

  it('gives the same as JSON, for the types asked for, and exits 1 where there is no answer', () => {
    const { status, stdout, complaints } = drs(
      [
        'refs',
        'bestrefs',
        '--json',
        '--types',
        'dark,MASK',
        path('img1.fits'),
        path('none.fits'),
        path('img4.fits'),
      ],
      on(refs),
    );
    const [first, second, ...more] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([status, complaints, more]).toEqual([1, [`drs: ${path('none.fits')}: not found`], []]);
    expect(first).toEqual({
      file: path('img1.fits'),
      context: 'tmt_0001.pmap',
      references: {
        dark: { answer: 'file', file: 'dark_1.fits', path: reference('dark_1.fits') },
        mask: { answer: 'notApplicable', reason: 'tmt_iris_0001.imap says N/A' },
      },
    });
    expect(second.references.dark).toMatchObject({ answer: 'error', kind: 'ValidationError' });
  });

  it('gives no name that leads out of the cache, and tells of a context that names itself', async () => {
    const bad = path('bad');
    const references = [{ match: ['IMG1'], useAfter: '2020-01-01 00:00:00', file: '../../../../etc/passwd' }];
    const types = { dark: { parameters: ['META.INSTRUMENT.DETECTOR'], references } };
    await buildCache(bad, { types });
    const led = drs(['refs', 'bestrefs', path('img1.fits')], on(bad));
    expect([led.status, led.stdout.split('\n')[1]]).toEqual([
      1,
      expect.stringMatching(/^ {2}dark {2}NOT FOUND {2}UnsafeName: /),
    ]);
    const pmap = join(mappings(bad), 'tmt_0001.pmap');
    writeFileSync(pmap, readFileSync(pmap, 'utf8').replace('tmt_iris_0001.imap', 'tmt_0001.pmap'));
    drs(['refs', 'checksum', '--update', pmap]);
    const cyclic = drs(['refs', 'bestrefs', path('img1.fits')], on(bad));
    expect([cyclic.status, cyclic.stdout, cyclic.complaints.length]).toEqual([1, '', 1]);
  });

  it('needs a cache: exit code 3 without one', () => {
    const env = { ...on(''), HOME: directory };
    expect(drs(['refs', 'bestrefs', path('img1.fits')], env)).toMatchObject({
      status: 3,
      complaints: ['drs: no CRDS cache is known; set CRDS_PATH or give --refs DIR'],
    });
    expect(drs(['refs', 'list', '--context', 'tmt_0009.pmap'], on(refs)).status).toBe(3);
    expect(drs(['refs', 'list', '--context', '../tmt_0001.pmap'], on(refs)).status).toBe(2);
  });
});

describe('refs list and show', () => {
  it('list contexts, mappings and references', () => {
    const list = (what: string) => drs(['refs', 'list', what, '--refs', refs], on('')).stdout;
    expect(list('contexts')).toBe('* tmt_0001.pmap\n');
    expect(list('mappings').split('\n')).toContain('tmt_iris_dark_0001.rmap');
    expect(list('--references')).toMatch(/^ +\d+ {2}dark_1\.fits\n +\d+ {2}flat_1\.fits\n$/);
    expect(drs(['refs', 'list', 'planets'], on(refs)).status).toBe(2);
  });

  it('show a mapping as it is, or as JSON, and a reference with those that name it', () => {
    const name = 'tmt_iris_dark_0001.rmap';
    expect(drs(['refs', 'show', name], on(refs)).stdout).toBe(readFileSync(join(mappings(), name), 'utf8'));
    const shown = JSON.parse(drs(['refs', 'show', name, '--json'], on(refs)).stdout);
    expect(shown.header.filekind).toBe('DARK');
    expect(shown.selector).toEqual({
      selector: 'Match',
      rules: [[['IMG1'], { selector: 'UseAfter', rules: [['2020-01-01 00:00:00', 'dark_1.fits']] }]],
    });
    const dark = JSON.parse(drs(['refs', 'show', 'dark_1.fits', '--json'], on(refs)).stdout);
    expect(dark).toMatchObject({
      users: [name],
      size: statSync(reference('dark_1.fits')).size,
      keywords: { DETECTOR: 'IMG1' },
    });
  });

  it.each(['../../../../etc/passwd', 'no_such.rmap', 'no_such.fits', '.hidden'])('refuse %s', (name) => {
    const { status, stdout, complaints } = drs(['refs', 'show', name], on(refs));
    expect([status === 1 || status === 2, stdout, complaints.length]).toEqual([true, '', 1]);
  });
});

describe('refs checksum', () => {
  const copyOf = (name: string, change: (text: string) => string): string => {
    const text = readFileSync(join(mappings(), 'tmt_iris_dark_0001.rmap'), 'utf8');
    writeFileSync(path(name), change(text));
    return path(name);
  };

  it('tells right sums from wrong and missing ones', () => {
    const good = copyOf('good.rmap', (text) => text);
    const wrong = copyOf('wrong.rmap', (text) => text.replace('dark_1', 'dark_9'));
    const missing = copyOf('missing.rmap', (text) => text.replace(/ {4}'sha1sum'.*\n/, ''));
    const { status, stdout } = drs(['refs', 'checksum', good, wrong, missing]);
    expect(status).toBe(1);
    expect(stdout.split('\n').map((line) => /: (\w+) /.exec(line)?.[1])).toEqual([
      'ok',
      'MISMATCH',
      'MISSING',
      undefined,
    ]);
    expect(drs(['refs', 'checksum', '--verify', good]).status).toBe(0);
  });

  it.each([
    ['wrong', (text: string) => text.replace('dark_1', 'dark_9')],
    ['missing', (text: string) => text.replace(/ {4}'sha1sum'.*\n/, '')],
    [
      'in one line',
      (text: string) => {
        const at = text.indexOf('selector = ');
        return `${text.slice(0, at).replaceAll('\n', '')}
${text.slice(at)}`;
      },
    ],
  ])('writes one that was %s and leaves the rest of the text', (what, change) => {
    const file = copyOf(`update ${what}.rmap`, change);
    const before = readFileSync(file, 'utf8');
    symlinkSync(file, `${file}.link.rmap`);
    expect(drs(['refs', 'checksum', '--update', `${file}.link.rmap`]).status).toBe(0);
    expect(drs(['refs', 'checksum', `${file}.link.rmap`]).status).toBe(0);
    const bare = (text: string) =>
      text
        .split('\n')
        .filter((line) => !line.includes('sha1sum'))
        .join('\n');
    expect(bare(readFileSync(file, 'utf8'))).toBe(bare(before));
  });

  it('refuses what is no mapping and leaves it alone', () => {
    writeFileSync(path('text.rmap'), 'hello');
    writeFileSync(path('latin.rmap'), Buffer.from([0x68, 0xe9, 0x0a]));
    const { status, complaints } = drs([
      'refs',
      'checksum',
      '--update',
      path('text.rmap'),
      path('latin.rmap'),
    ]);
    expect([status, complaints.length]).toEqual([1, 2]);
    expect(readFileSync(path('text.rmap'), 'utf8')).toBe('hello');
    expect(drs(['refs', 'checksum', '--update', '--verify', path('text.rmap')]).status).toBe(2);
    const absent = drs(['refs', 'checksum', 'tmt_0009.pmap', 'tmt_0001.pmap'], on(refs));
    expect([absent.status, absent.stdout.split(':')[0], absent.complaints.length]).toEqual([
      3,
      'tmt_0001.pmap',
      1,
    ]);
  });
});

describe('refs sync', () => {
  const sync = (to: string, ...more: string[]) =>
    drs(['refs', 'sync', '--from', refs, '--refs', to, ...more], on(''));

  it('copies a context with its references, and then has nothing left to do', () => {
    const to = path('copy');
    expect(sync(to, '--dry-run').status).toBe(0);
    expect(existsSync(to)).toBe(false);
    expect(JSON.parse(sync(to, '--json').stdout)).toMatchObject({
      context: 'tmt_0001.pmap',
      copied: 6,
      there: 0,
      absent: [],
    });
    expect(drs(['refs', 'bestrefs', path('img1.fits')], on(to)).status).toBe(0);
    expect(readFileSync(reference('dark_1.fits', to))).toEqual(readFileSync(reference('dark_1.fits')));
    expect(JSON.parse(sync(to, '--json', '--check-sha1sum').stdout)).toMatchObject({ copied: 0, there: 6 });
  });

  it('goes on with what an interrupted copy left, and finds what it left damaged', () => {
    const to = path('resumed');
    mkdirSync(join(to, 'references/tmt/iris'), { recursive: true });
    const whole = readFileSync(reference('dark_1.fits'));
    // No process has a pid this high.
    const left = (bytes: Buffer) => writeFileSync(reference('.dark_1.fits.99999999.sync.part', to), bytes);
    left(whole.subarray(0, 1000));
    expect(sync(to).status).toBe(0);
    expect(readFileSync(reference('dark_1.fits', to))).toEqual(whole);
    rmSync(reference('dark_1.fits', to));
    left(Buffer.alloc(1000, 1));
    const damaged = sync(to);
    expect([damaged.status, damaged.complaints.length]).toEqual([1, 1]);
    expect(damaged.complaints[0]).toContain('dark_1.fits: the copy has the sha1sum');
    expect(sync(to).status).toBe(0);
    expect(readFileSync(reference('dark_1.fits', to))).toEqual(whole);
    expect(readdirSync(join(to, 'references/tmt/iris')).sort()).toEqual(['dark_1.fits', 'flat_1.fits']);
  });

  it('replaces a reference that has other bytes only when told to', () => {
    const to = path('rotten');
    sync(to);
    const bytes = readFileSync(reference('flat_1.fits', to));
    bytes[3000]! ^= 1;
    writeFileSync(reference('flat_1.fits', to), bytes);
    expect(JSON.parse(sync(to, '--json').stdout)).toMatchObject({ copied: 0 });
    const refused = sync(to, '--check-sha1sum');
    expect([refused.status, refused.complaints]).toEqual([
      1,
      [expect.stringContaining('flat_1.fits has other bytes than the reference to be copied')],
    ]);
    const repaired = sync(to, '--json', '--check-sha1sum', '--repair-files');
    expect(JSON.parse(repaired.stdout)).toMatchObject({ copied: 1 });
    expect(readFileSync(reference('flat_1.fits', to))).toEqual(readFileSync(reference('flat_1.fits')));
  });

  it('copies nothing over a mapping that has another text, and nothing of half a context', () => {
    const to = path('other');
    mkdirSync(mappings(to), { recursive: true });
    writeFileSync(join(mappings(to), 'tmt_iris_dark_0001.rmap'), 'another');
    const { status, complaints } = sync(to);
    expect([status, complaints.length, readdirSync(to)]).toEqual([1, 1, ['mappings']]);
    const half = path('half');
    sync(half);
    appendFileSync(join(mappings(half), 'tmt_iris_flat_0001.rmap'), '\n\nx');
    const broken = drs(['refs', 'sync', '--from', half, '--refs', path('never')], on(''));
    expect([broken.status, broken.complaints.length, existsSync(path('never'))]).toEqual([1, 1, false]);
  });

  it('writes nowhere but into the cache, whatever instrument rules are said to be for', () => {
    const hostile = path('hostile');
    expect(sync(hostile).status).toBe(0);
    const rmap = join(mappings(hostile), 'tmt_iris_dark_0001.rmap');
    const text = readFileSync(rmap, 'utf8').replace(/('instrument' *: *)'IRIS'/i, "$1'../../../../outside'");
    expect(text).toContain('outside');
    writeFileSync(rmap, text);
    expect(drs(['refs', 'checksum', '--update', rmap]).status).toBe(0);
    const to = path('near', 'safe');
    const { status, complaints } = drs(['refs', 'sync', '--from', hostile, '--refs', to], on(''));
    expect([status, complaints.length]).toEqual([2, 1]);
    expect([existsSync(path('outside')), existsSync(path('near'))]).toEqual([false, false]);
  });

  it.each([
    [['--from', refs], 2],
    [[], 2],
    [['--from', '/no/such/cache'], 1],
  ])('refuses %j', (args, code) => {
    const { status, complaints } = drs(['refs', 'sync', ...args], on(refs));
    expect([status, complaints.length > 0]).toEqual([code, true]);
  });
});
