import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  bestReferences,
  deriveContext,
  diffReferenceMappings,
  diffText,
  formatMapping,
  loadContext,
  parseMapping,
} from '../../src/index.ts';
import { loadTmt, reader, TMT } from '../tmt.ts';

interface Golden {
  readonly cases: readonly {
    readonly rmap: string;
    readonly name: string;
    readonly remove: readonly string[];
    readonly insert: readonly { readonly file: string; readonly header: Record<string, string> }[];
    readonly derived?: string;
    readonly diff?: readonly string[];
  }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../golden/crds-derived.json', import.meta.url), 'utf8'),
);

const free = () => false;
const common = { derived_from: 'NONE', observatory: 'JWST' };

const rmapOf = (text: string, file: string) => {
  const mapping = parseMapping(text, file, { ignoreChecksum: true });
  if (mapping.kind !== 'reference') throw new Error('not an rmap');
  return mapping;
};

describe('references put in and taken out by their headers', () => {
  it.each(golden.cases)('give the mapping that CRDS writes: $name', async (each) => {
    const read = reader({
      [each.name]: each.rmap,
      'jwst.pmap': formatMapping({
        header: { ...common, name: 'jwst.pmap', mapping: 'PIPELINE', parkey: ['META.INSTRUMENT.NAME'] },
        selector: { NIRCAM: 'nircam.imap' },
      }),
      'nircam.imap': formatMapping({
        header: { ...common, name: 'x', instrument: 'NIRCAM', mapping: 'INSTRUMENT', parkey: ['REFTYPE'] },
        selector: { FLAT: each.name },
      }),
    });
    const context = await loadContext('jwst.pmap', read, { ignoreChecksum: true });
    const insert = each.insert.map((one) => ({ type: 'flat', ...one }));
    const derive = () => deriveContext(context, read, { remove: each.remove, insert }, free);
    if (each.derived === undefined) {
      expect(derive).toThrow(expect.objectContaining({ code: 'MappingInsertionError' }));
      return;
    }
    const [first] = derive().mappings;
    expect(first?.text).toBe(each.derived);
    const differences = diffReferenceMappings(
      rmapOf(each.rmap, each.name),
      rmapOf(each.derived, first!.file),
    );
    expect(diffText(differences).sort()).toEqual([...each.diff!].sort());
  });
});

const flatHeader = {
  INSTRUME: 'IRIS',
  DETECTOR: 'IMG1',
  FILTER: 'K',
  USEAFTER: '2026-01-01T00:00:00',
};

const flat = (file: string, header: Partial<Record<string, string>> = {}) => ({
  type: 'flat',
  file,
  header: { ...flatHeader, ...header } as Record<string, string>,
});

/** Derives from the small context and loads what comes out, checksums verified. */
const derived = async (
  changes: Parameters<typeof deriveContext>[2],
  taken = free as (n: string) => boolean,
) => {
  const read = reader(TMT);
  const derivation = deriveContext(await loadTmt(), read, changes, taken);
  const files = {
    ...TMT,
    ...Object.fromEntries(derivation.mappings.map(({ file, text }) => [file, text])),
  };
  return { derivation, context: await loadTmt(files, derivation.context), files };
};

describe('a derived context', () => {
  it('is new files from the .rmap up, each with the next number and where it came from', async () => {
    const { derivation, context, files } = await derived({ insert: [flat('flat_9.fits')] });
    expect(derivation.context).toBe('tmt_0002.pmap');
    expect(derivation.mappings.map(({ file, from }) => [file, from])).toEqual([
      ['tmt_iris_flat_0002.rmap', 'tmt_iris_flat_0001.rmap'],
      ['tmt_iris_0002.imap', 'tmt_iris_0001.imap'],
      ['tmt_0002.pmap', 'tmt_0001.pmap'],
    ]);
    expect(derivation.changes).toEqual([
      {
        type: 'flat',
        rmap: 'tmt_iris_flat_0002.rmap',
        action: 'insert',
        file: 'flat_9.fits',
        key: ['IRIS1', 'K', '2026-01-01 00:00:00'],
      },
    ]);
    expect(files['tmt_iris_flat_0002.rmap']).toContain("'derived_from' : 'tmt_iris_flat_0001.rmap'");
    expect(files['tmt_iris_flat_0002.rmap']).toContain("'comment_of_people' : 'kept'");
    expect(context.problems.size).toBe(0);
    const observed = { ...flatHeader, 'DATE-OBS': '2027-01-01', 'TIME-OBS': '00:00:00' };
    expect(bestReferences(context, observed, ['flat'])).toMatchObject([{ file: 'flat_9.fits' }]);
  });

  it('never takes a name that is or was in use', async () => {
    const used = new Set(['tmt_0002.pmap', 'tmt_iris_flat_0002.rmap', 'tmt_iris_flat_0003.rmap']);
    const { derivation } = await derived({ insert: [flat('flat_9.fits')] }, (name) => used.has(name));
    expect(derivation.mappings.map(({ file }) => file)).toEqual([
      'tmt_iris_flat_0004.rmap',
      'tmt_iris_0002.imap',
      'tmt_0003.pmap',
    ]);
  });

  it('replaces a reference of exactly the same key and says which', async () => {
    const { derivation } = await derived({
      insert: [flat('flat_9.fits', { USEAFTER: '2020-01-01 00:00:00' })],
    });
    expect(derivation.changes).toMatchObject([{ action: 'replace', replaced: 'flat_1.fits' }]);
    expect(derivation.mappings[0]?.text).not.toContain('flat_1.fits');
  });

  it('is the old one when nothing changes', async () => {
    const again = flat('flat_1.fits', { USEAFTER: '2020-01-01 00:00:00' });
    const { derivation } = await derived({ insert: [again] });
    expect(derivation).toEqual({ context: 'tmt_0001.pmap', mappings: [], changes: [] });
  });

  it('adds rules where the header asks for them, patterns and N/A among them', async () => {
    const { derivation, context } = await derived({
      insert: [
        flat('flat_8.fits', { DETECTOR: 'IMG3', FILTER: 'N/A' }),
        flat('flat_9.fits', { DETECTOR: 'IMG4', P_FILTER: 'Y | Z' }),
      ],
    });
    expect(derivation.changes.map(({ key }) => key.slice(0, 2))).toEqual([
      ['IMG3', 'N/A'],
      ['IMG4', 'Y|Z'],
    ]);
    const best = (DETECTOR: string, FILTER: string) =>
      bestReferences(context, { ...flatHeader, DETECTOR, FILTER, 'DATE-OBS': '2027-01-01T00:00:00' }, [
        'flat',
      ]);
    expect(best('IMG3', 'Br')).toMatchObject([{ file: 'flat_8.fits' }]);
    expect(best('IMG4', 'z')).toMatchObject([{ file: 'flat_9.fits' }]);
  });

  it('makes rules for a type that has none, chosen by what the type is chosen by', async () => {
    const mask = {
      type: 'MASK',
      file: 'mask_1.fits',
      header: { INSTRUME: 'IRIS', DETECTOR: 'IMG1', SUBARRAY: 'GENERIC', USEAFTER: '2020-01-01T00:00:00' },
    };
    const { derivation, context, files } = await derived({ insert: [mask] });
    expect(derivation.mappings[0]).toMatchObject({ file: 'tmt_iris_mask_0001.rmap', from: '' });
    expect(files['tmt_iris_0002.imap']).toContain("'MASK' : 'tmt_iris_mask_0001.rmap'");
    const header = { ...mask.header, SUBARRAY: 'CUSTOM', 'DATE-OBS': '2027-01-01T00:00:00' };
    expect(bestReferences(context, header, ['mask'])).toMatchObject([{ file: 'mask_1.fits' }]);
  });

  it('makes rules without any parameter for a type of which one file serves everything', async () => {
    const header = { INSTRUME: 'IRIS', USEAFTER: '2020-01-01T00:00:00' };
    const { derivation, context } = await derived({
      insert: [{ type: 'drizpars', file: 'drizpars_1.fits', header }],
    });
    expect(derivation.changes).toMatchObject([{ action: 'insert', key: ['2020-01-01 00:00:00'] }]);
    expect(derivation.mappings[0]?.text).toContain('    () : UseAfter({\n');
    const observed = { ...flatHeader, 'DATE-OBS': '2027-01-01T00:00:00' };
    expect(bestReferences(context, observed, ['drizpars'])).toMatchObject([{ file: 'drizpars_1.fits' }]);
  });

  it('loses the rule of a last reference, and all rules in the end', async () => {
    const { derivation, context } = await derived({
      remove: ['flat_3.fits', 'dark_1.fits'],
      insert: [flat('flat_9.fits')],
    });
    expect(derivation.changes.map(({ action, file }) => [action, file])).toEqual([
      ['remove', 'flat_3.fits'],
      ['remove', 'dark_1.fits'],
      ['insert', 'flat_9.fits'],
    ]);
    expect(derivation.mappings[0]?.text).not.toContain("('IRIS2', 'K')");
    expect(derivation.mappings[1]?.text).toContain('selector = Match({\n})');
    const dark = { ...flatHeader, SUBARRAY: 'FULL', EXP_TYPE: 'X', 'DATE-OBS': '2027-01-01T00:00:00' };
    expect(bestReferences(context, dark, ['dark'])).toMatchObject([{ kind: 'MatchingError' }]);
  });
});

describe('what cannot be derived is refused', () => {
  const refused = async (changes: Parameters<typeof deriveContext>[2]): Promise<string> => {
    try {
      deriveContext(await loadTmt(), reader(TMT), changes, free);
    } catch (error) {
      return `${(error as { code: string }).code}: ${(error as Error).message}`;
    }
    return 'derived';
  };

  it('with the keyword, the file and what to do', async () => {
    const { FILTER: _, ...unfiltered } = flatHeader;
    const { USEAFTER: __, ...undated } = flatHeader;
    const one = (header: Record<string, string>) =>
      refused({ insert: [{ type: 'flat', file: 'f.fits', header }] });
    expect(await one(unfiltered)).toBe(
      "MappingInsertionError: the reference's header has no META.INSTRUMENT.FILTER, which " +
        'tmt_iris_flat_0001.rmap is chosen by; give it, N/A where it does not count',
    );
    expect(await one(undated)).toMatch(/has no USEAFTER/);
    expect(await one({ ...flatHeader, USEAFTER: 'next week' })).toMatch(
      /^InvalidUseAfterFormat: f.fits: USEAFTER 'next week'/,
    );
    expect(await one({ ...flatHeader, INSTRUME: 'WFOS' })).toMatch(/^CrdsUnknownInstrumentError/);
    expect(await refused({ remove: ['flat_77.fits'] })).toBe(
      'ReferenceNotFound: No rule of tmt_0001.pmap names flat_77.fits; nothing to remove.',
    );
  });

  it('when two new references belong under one rule', async () => {
    expect(await refused({ insert: [flat('a.fits'), flat('b.fits')] })).toMatch(
      /b\.fits and a\.fits belong under the same rule IRIS1, K, 2026-01-01 00:00:00; one would replace the other/,
    );
  });

  it('when another rule answers the same headers just as well', async () => {
    expect(await refused({ insert: [flat('a.fits', { DETECTOR: 'IRIS2', FILTER: 'J' })] })).toMatch(
      /^MappingInsertionError: a\.fits belongs under \('IRIS2', 'J'\) in tmt_iris_flat_0001\.rmap, which the rule \('IRIS2', 'H\|J'\)/,
    );
  });
});
