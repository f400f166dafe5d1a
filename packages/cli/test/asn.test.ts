import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Header, type HeaderEntry } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { loadAssociation } from '@iris-drs/stpipe';
import { beforeAll, describe, expect, it } from 'vitest';
import { drs, testDirectory } from './drs.ts';

const directory = testDirectory();
const path = (...parts: string[]) => join(directory, ...parts);

/** A raw science frame taken `seconds` after the hour. */
const frame = (name: string, seconds: number, more: readonly HeaderEntry[] = [], shape = [4, 4]): string => {
  const file = path('raw', name);
  const values = new Map<string, HeaderEntry[1]>([
    ['DETECTOR', 'IMG1'],
    ['FILTER', 'K'],
    ['SCALE', 0.004],
    ['EXPTIME', 20],
    ['OBJECT', 'NGC 1068'],
    [
      'DATE-OBS',
      `2031-03-14T09:${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`,
    ],
    ...more.map(([keyword, value]) => [keyword, value] as const),
  ]);
  const entries = [...values].filter(([, value]) => value !== null) as HeaderEntry[];
  writeFile(file, [
    { kind: 'image', shape: [], header: Header.from(entries) },
    { kind: 'image', name: 'SCI', shape, data: new Float32Array(shape.reduce((a, b) => a * b)) },
  ]);
  return file;
};

const id = (kind: string, number: number, observation = '123', detector = 'IMG1') =>
  `2031A-001-${observation}-IRIS-${detector}-${kind}0-000${number}_rate.fits`;

let files: string[];
beforeAll(() => {
  mkdirSync(path('raw'));
  files = [
    frame(id('SCI', 1), 0),
    frame(id('SCI', 2), 100),
    frame(id('SKY', 3), 130),
    frame(id('SKY', 4), 20),
    frame(id('SKY', 5), 50, [['ABORTED', true]]),
    frame(id('SKY', 6), 50, [['FILTER', 'H']]),
    frame(id('SKY', 7), 50, [['EXPTIME', 10]]),
    frame(id('SKY', 8), 50, [['SCALE', 0.009]]),
    frame(id('SKY', 1, '124'), 50),
    frame(id('SKY', 9, '123', 'IMG2'), 50, [['DETECTOR', 'IRIS2']]),
    frame(id('DRK', 9), 50),
    frame('20310314-092823-IRIS-IMG1-SCI0-0001_rate.fits', 60),
  ];
});

const shown = (text: string) => (text.trim().split('\n}\n').length > 1 ? [] : [JSON.parse(text)]);

describe('asn', () => {
  it('gives each science frame the skies that are like it, nearest in time first', () => {
    const { status, stdout } = drs(['asn', ...files.slice(0, 11), '--output', '-']);
    expect(status).toBe(0);
    const [association] = shown(stdout);
    expect(association).toMatchObject({
      ...{ asn_rule: 'Asn_Lv2Image', asn_type: 'image2', asn_pool: '2031A-001-123', target: 'NGC 1068' },
    });
    const members = association.products.map(
      (product: { name: string; members: { expname: string; exptype: string }[] }) => [
        product.name,
        ...product.members.map(({ expname, exptype }) => `${exptype} ${expname.slice(-19)}`),
      ],
    );
    expect(members).toEqual([
      [
        '2031A-001-123-IRIS-IMG1-SCI0-0001',
        'science SCI0-0001_rate.fits',
        'background SKY0-0004_rate.fits',
        'background SKY0-0003_rate.fits',
      ],
      [
        '2031A-001-123-IRIS-IMG1-SCI0-0002',
        'science SCI0-0002_rate.fits',
        'background SKY0-0003_rate.fits',
        'background SKY0-0004_rate.fits',
      ],
    ]);
  });

  it('writes a file for each observation with names relative to it, that run can load', () => {
    const to = path('made');
    const args = ['asn', ...files, '--output', to];
    const { status, stdout } = drs(args);
    expect([status, stdout.split('\n').map((line) => relative(to, line))]).toEqual([
      0,
      [
        '2031A-001-123_image2_asn.json',
        '20310314-092823-IRIS-IMG1-SCI0-0001_image2_asn.json',
        relative(to, ''),
      ],
    ]);
    expect(readFileSync(join(to, '2031A-001-123_image2_asn.json'), 'utf8')).toContain(
      `"../raw/${id('SCI', 1)}"`,
    );
    const alone = loadAssociation([join(to, '20310314-092823-IRIS-IMG1-SCI0-0001_image2_asn.json')], 3, {
      cwd: '/',
      warn: () => expect.unreachable(),
    });
    expect(alone).toMatchObject({
      level: 2,
      products: [{ members: [{ exptype: 'science', path: files.at(-1) }] }],
    });
    expect(drs(['asn', 'check', ...readdirSync(to).map((name) => join(to, name))]).status).toBe(0);
    const again = drs(args);
    expect([again.status, again.complaints.at(-1)]).toEqual([
      1,
      expect.stringContaining('is there already; --force replaces it'),
    ]);
    expect(drs([...args, '--force']).status).toBe(0);
  });

  it('combines the dithers of a target at level 3, in the order they were taken', () => {
    const { stdout } = drs(['asn', ...files.slice(0, 4).toReversed(), '--rule', 'image3', '--output', '-']);
    const [association] = shown(stdout);
    expect(association).toMatchObject({ asn_rule: 'Asn_Lv3Image', asn_type: 'image3' });
    expect(association.products).toHaveLength(1);
    expect(association.products[0].name).toBe('2031A-001-123_K');
    const names = association.products[0].members.map(({ expname }: { expname: string }) =>
      expname.slice(-19),
    );
    expect(names).toEqual(['SCI0-0001_rate.fits', 'SCI0-0002_rate.fits']);
  });

  it('takes frames that name no observation as belonging together, and one file of an exposure', () => {
    const science = frame('raw_science_frame_sci.fits', 0, [
      ['OBSTYPE', 'SCI'],
      ['OBSNAME', 'IMG1-SCI'],
    ]);
    const sky = frame('raw_background_frame_cal.fits', 0, [['OBSNAME', 'IMG1-SKY']]);
    const done = frame(id('SCI', 1).replace('rate', 'flt'), 0, [['S_DARK', 'COMPLETE']]);
    const cal = frame(id('SCI', 1).replace('rate', 'cal'), 0, [['S_BKDSUB', 'COMPLETE']]);
    const together = drs(['asn', science, sky, '--output', '-', '--product', 'galaxy']);
    expect(shown(together.stdout)[0]).toMatchObject({
      asn_pool: 'none',
      products: [{ name: 'galaxy', members: [{ exptype: 'science' }, { exptype: 'background' }] }],
    });
    const one = drs(['asn', done, files[0]!, cal, '--output', '-']);
    expect(shown(one.stdout)[0].products).toMatchObject([
      { members: [{ expname: expect.stringContaining('_rate') }] },
    ]);
    expect(one.complaints).toHaveLength(2);
  });

  it('refuses what it cannot associate, and writes nothing then', () => {
    writeFileSync(path('text.fits'), 'SIMPLE? no');
    writeFileSync(path('huge.fits'), Buffer.alloc(12_000_000, 'SIMPLE  =                    T'.padEnd(80)));
    const to = path('refused');
    const refused = (...args: string[]) => {
      const { status, complaints } = drs(['asn', ...args, '--output', to]);
      return [status, complaints.length];
    };
    expect(refused(files[0]!, path('none.fits'))).toEqual([1, 1]);
    expect(refused(path('text.fits'))).toEqual([1, 1]);
    expect(refused(path('huge.fits'))).toEqual([1, 1]);
    expect(refused(directory)).toEqual([1, 1]);
    expect(refused(files[10]!)).toEqual([1, 1]);
    expect(refused(files[0]!, files[1]!, '--product', 'x')[0]).toBe(2);
    expect(refused(files[0]!, '--product', '../x')[0]).toBe(2);
    expect(refused(files[0]!, '--rule', 'spec2')[0]).toBe(2);
    expect(refused()[0]).toBe(2);
    expect(existsSync(to) ? readdirSync(to) : []).toEqual([]);
  });
});

describe('asn check', () => {
  const write = (name: string, content: unknown): string => {
    writeFileSync(path(name), typeof content === 'string' ? content : JSON.stringify(content));
    return path(name);
  };
  const product = (...members: [string, string][]) => ({
    name: 'p',
    members: members.map(([expname, exptype]) => ({ expname, exptype })),
  });
  const check = (name: string, content: unknown) => {
    const { status, stdout, complaints } = drs(['asn', 'check', write(name, content)]);
    return { status, stdout, complaints: complaints.map((line) => line.replaceAll(`${directory}/`, '')) };
  };

  it('accepts an association whose members are there', () => {
    const one = product([relative(directory, files[0]!), 'science'], [files[2]!, 'background']);
    expect(check('good.json', { asn_rule: 'Asn_Lv2Image', products: [one] })).toEqual({
      status: 0,
      stdout: `${path('good.json')}: level 2, 1 product, 2 members\n`,
      complaints: [],
    });
  });

  it('tells in one line what is wrong with each', () => {
    writeFileSync(path('dangling'), '');
    symlinkSync(path('nowhere.fits'), path('dangling.fits'));
    const cases: [what: string, content: unknown, message: string][] = [
      ['no such member', { products: [product(['none.fits', 'science'])] }, 'member none.fits is missing'],
      [
        'a path that leads elsewhere',
        { products: [product(['../../../../etc/passwd', 'science'])] },
        'cannot be read',
      ],
      ['a link that leads nowhere', { products: [product(['dangling.fits', 'science'])] }, 'is missing'],
      ['a directory', { products: [product(['raw', 'science'])] }, 'is no file'],
      ['no science', { products: [product()] }, 'no member of exptype science'],
      ['no members', { products: [{ name: 'p' }] }, "products/0: 'members' is a required property"],
      ['no products', {}, "'products' is a required property"],
      ['no JSON', '{"products": [', 'is not JSON'],
      ['something else', '[1, 2]', 'expected an object'],
    ];
    const names = cases.map(([what, content]) => write(`${what}.json`, content));
    const { status, stdout, complaints } = drs(['asn', 'check', ...names]);
    expect([status, stdout, complaints.length]).toEqual([1, '', cases.length]);
    for (const [i, [what, , message]] of cases.entries()) {
      expect(complaints[i], what).toContain(`${what}.json`);
      expect(complaints[i], what).toContain(message);
    }
  });

  it('gives all that is wrong as JSON, and an exit code of its own for wrong usage', () => {
    const twice = product([files[0]!, 'science'], [files[0]!, 'science']);
    const file = write('twice.json', { products: [twice, product([files[0]!, 'science'])] });
    const { status, stdout } = drs(['asn', 'check', '--json', file, path('none.json')]);
    const [first, second] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([status, first.valid, first.faults.length]).toEqual([1, false, 3]);
    expect(second.faults).toEqual([`Association file ${path('none.json')} not found.`]);
    expect(drs(['asn', 'check']).status).toBe(2);
  });
});
