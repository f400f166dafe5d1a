import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Association,
  AssociationError,
  checkMembers,
  loadAssociation,
  membersOf,
  scienceMember,
} from '../../src/index.ts';

// The association of iris_pipeline's manual.
const SEED = {
  asn_rule: 'Asn_Lv2Image',
  asn_pool: 'pool',
  asn_type: 'image2',
  products: [
    {
      name: 'test_iris_subtract_bg_flat',
      members: [
        { expname: 'raw_science_frame_sci.fits', exptype: 'science' },
        { expname: 'raw_background_frame_cal.fits', exptype: 'Background' },
      ],
    },
  ],
};

let root = '';
let warnings: string[] = [];
const put = (name: string, text: string): string => {
  writeFileSync(join(root, name), text);
  return name;
};
const load = (
  inputs: readonly [string, ...string[]],
  level: 2 | 3 = 2,
  inputDirectory?: string,
): Association =>
  loadAssociation(inputs, level, {
    cwd: root,
    warn: (message) => warnings.push(message),
    ...(inputDirectory === undefined ? {} : { inputDirectory }),
  });

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'asn-'));
  mkdirSync(join(root, 'sub'));
  put('sub/asn.json', JSON.stringify(SEED));
});
beforeEach(() => {
  warnings = [];
});
afterAll(() => rmSync(root, { recursive: true }));

describe('names of products', () => {
  it('keep dots that belong to the name, so that two frames stay two', () => {
    const files = ['k.1_cal.fits', 'k.2_sci.fits', 'x.fit', 'y_cal.fts.gz'] as const;
    const { products } = load(['k.1_cal.fits', ...files.slice(1)]);
    expect(products.map(({ name }) => name)).toEqual(['k.1', 'k.2_sci', 'x', 'y']);
  });

  it('come from the science frame where the association gives an empty one', () => {
    const members = [{ expname: 'a_cal.fits', exptype: 'science' }];
    put('unnamed.json', JSON.stringify({ asn_type: 'image2', products: [{ name: '', members }] }));
    expect(load(['unnamed.json']).products[0]?.name).toBe('a');
  });

  it('are looked for in JSON of any depth without harm', () => {
    put('deep.json', '['.repeat(200_000) + ']'.repeat(200_000));
    expect(() => load(['deep.json'])).toThrow('expected an object, found a list');
  });
});

describe('an association file', () => {
  it('says what is made of what; members lie beside it, types are lower case', () => {
    expect(load(['sub/asn.json'])).toEqual({
      level: 2,
      table: 'asn.json',
      pool: 'pool',
      rule: 'Asn_Lv2Image',
      type: 'image2',
      products: [
        {
          name: 'test_iris_subtract_bg_flat',
          members: [
            {
              expname: 'raw_science_frame_sci.fits',
              exptype: 'science',
              path: join(root, 'sub/raw_science_frame_sci.fits'),
            },
            {
              expname: 'raw_background_frame_cal.fits',
              exptype: 'background',
              path: join(root, 'sub/raw_background_frame_cal.fits'),
            },
          ],
        },
      ],
    });
  });

  it('may have its members in an input directory', () => {
    const [product] = load(['sub/asn.json'], 2, 'in').products;
    expect(product!.members[0]!.path).toBe(join(root, 'in/raw_science_frame_sci.fits'));
  });

  it('of level 3 keeps all science members of a product', () => {
    const asn = {
      asn_rule: 'Asn_Lv3Image',
      asn_type: 'image3',
      asn_id: 'a3001',
      target: null,
      version_id: null,
      products: [{ name: 'mosaic', members: ['a', 'b'].map((expname) => ({ expname, exptype: 'SCIENCE' })) }],
    };
    put('three.json', JSON.stringify(asn));
    const loaded = load(['three.json']);
    expect(loaded).toMatchObject({ level: 3, pool: 'singleton' });
    expect(membersOf(loaded.products[0]!, 'science').map(({ expname }) => expname)).toEqual(['a', 'b']);
  });

  it('may name no product: the science frame does', () => {
    put(
      'noname.json',
      JSON.stringify({ products: [{ members: [{ expname: 'x_rate.fits', exptype: 'science' }] }] }),
    );
    expect(load(['noname.json']).products[0]!.name).toBe('x');
  });

  it('with trailing commas is read with a warning', () => {
    put(
      'commas.json',
      '{"products": [{"name": "a,]", "members": [{"expname": "x", "exptype": "science",},],},],}',
    );
    expect(load(['commas.json']).products[0]!.name).toBe('a,]');
    expect(warnings).toEqual([expect.stringMatching(/extra trailing commas were ignored/)]);
  });

  it.each([
    ['none.json', undefined, 'ASN_NOT_FOUND', /none\.json not found\.$/],
    ['sub', undefined, 'ASN_NOT_FOUND', /is no file\.$/],
    ['a.yaml', 'products: []', 'ASN_NOT_JSON', /Please use JSON format/],
    ['b.json', '{"products": [}', 'ASN_NOT_JSON', /is not JSON: /],
    ['c.json', '[]', 'ASN_NOT_VALID', /c\.json: expected an object, found \[\]/],
    ['d.json', '{"asn_rule": "x"}', 'ASN_NOT_VALID', /d\.json: 'products' is a required property/],
    ['e.json', '{"products": {}}', 'ASN_NOT_VALID', /e\.json: products: expected a list/],
    [
      'f.json',
      '{"products": [{"name": "x"}]}',
      'ASN_NOT_VALID',
      /products\/0: 'members' is a required property/,
    ],
    [
      'g.json',
      '{"products": [{"members": [{"expname": "x"}]}]}',
      'ASN_NOT_VALID',
      /products\/0\/members\/0: 'exptype' is a required property/,
    ],
    [
      'h.json',
      '{"products": [{"members": [{"expname": 1, "exptype": "x"}]}]}',
      'ASN_NOT_VALID',
      /'expname' must be a text/,
    ],
    ['i.json', '{"asn_type": 2, "products": []}', 'ASN_NOT_VALID', /'asn_type' must be a text/],
  ])('%s that is none is told as such', (name, text, code, message) => {
    if (text !== undefined) put(name, text);
    expect(() => load([name])).toThrow(AssociationError);
    expect(() => load([name])).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

describe('bare exposures', () => {
  it('are a singleton association each, named without their known suffix', () => {
    const asn = load(['raw_flat_frame_cal.fits', 'd/raw_science_frame_sci.fits.gz']);
    expect(asn).toMatchObject({ level: 2, table: 'singleton', pool: 'singleton', rule: 'DMSLevel2bBase' });
    expect(asn.products.map(({ name, members }) => [name, members.map(({ path }) => path)])).toEqual([
      ['raw_flat_frame', [join(root, 'raw_flat_frame_cal.fits')]],
      ['d/raw_science_frame_sci', [join(root, 'd/raw_science_frame_sci.fits.gz')]],
    ]);
  });

  it('are one product at level 3', () => {
    const asn = load(['a_cal.fits', 'b_cal.fits'], 3, 'in');
    expect(asn.products).toHaveLength(1);
    expect(asn.products[0]!.members.map(({ path }) => path)).toEqual(
      ['a', 'b'].map((name) => join(root, `in/${name}_cal.fits`)),
    );
  });
});

describe('members', () => {
  const product = (...types: string[]) => ({
    name: 'p',
    members: types.map((exptype, index) => ({
      expname: `${index}.fits`,
      exptype,
      path: join(root, `${index}.fits`),
    })),
  });
  const asn = (...types: string[]): Association => ({
    level: 2,
    table: 'x.json',
    pool: 'p',
    rule: 'r',
    type: 't',
    products: [product(...types)],
  });
  const science = (one: Association) =>
    scienceMember(one, one.products[0]!, (message) => warnings.push(message));

  it('have one science frame at level 2; of several the first is used, with a warning', () => {
    expect(science(asn('background', 'science')).expname).toBe('1.fits');
    expect(warnings).toEqual([]);
    expect(science(asn('science', 'science')).expname).toBe('0.fits');
    expect(warnings).toEqual(['Wrong number of science files found in p', '    Using only first one.']);
  });

  it('without a science frame are an error', () => {
    expect(() => science(asn('background'))).toThrow('Product p of x.json has no member of exptype science.');
  });

  it('that are not there are told all at once', () => {
    put('0.fits', '');
    expect(() => checkMembers(asn('science'))).not.toThrow();
    expect(() => checkMembers(asn('science', 'background'))).toThrow(
      `x.json: a member is missing: ${join(root, '1.fits')}.`,
    );
    expect(() => checkMembers(asn('science', 'background', 'background'))).toThrow(
      /2 members are missing: .*1\.fits, .*2\.fits\.$/,
    );
  });
});
