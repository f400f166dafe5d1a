import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CrdsError, type MappingValue, parseMapping } from '../../src/index.ts';
import { str } from '../../src/python/text.ts';
import { DETECTOR, match, rmap, rmapText, useAfter } from '../rmap.ts';

interface Golden {
  readonly why: string;
  readonly header?: Readonly<Record<string, MappingValue>>;
  readonly parkey: MappingValue;
  readonly rules: string;
  readonly cases: readonly (readonly [header: Record<string, string>, answer: string])[];
}

// Worked out by hand from the documentation of CRDS and the doctests of its selectors.
const golden: readonly Golden[] = JSON.parse(
  readFileSync(new URL('../golden/rules.json', import.meta.url), 'utf8'),
);

describe('rules', () => {
  it.each(golden)('$why', ({ header, parkey, rules, cases }) => {
    const text = rmapText(parkey, match([]), header).replace('Match({\n})', rules);
    const mapping = parseMapping(text, 'x.rmap', { ignoreChecksum: true });
    if (mapping.kind !== 'reference') throw new Error('not an rmap');
    for (const [values, expected] of cases) {
      let answer: string;
      try {
        answer = str(mapping.selector.choose(new Map(Object.entries(values))));
      } catch (error) {
        if (!(error instanceof CrdsError)) throw error;
        answer = `${error.code}: ${error.message}`;
      }
      expect(answer, JSON.stringify(values)).toBe(expected);
    }
  });

  it('of equal weight with the same version are told by that version', () => {
    const versions = (key: string) => `('${key}',) : VersionAfter({ '0.50.1' : ('a.fits', 'b.fits') }),`;
    const rules = `Match({ ${versions('X')} ${versions('X|Y')} })`;
    const text = rmapText([['A'], ['V']], match([])).replace('Match({\n})', rules);
    const mapping = parseMapping(text, 'x.rmap', { ignoreChecksum: true });
    const header = new Map([
      ['A', 'X'],
      ['V', '1.0'],
    ]);
    const choose = () => mapping.kind === 'reference' && mapping.selector.choose(header);
    expect(choose).toThrow('More than one rule for 0.50.1.');
  });

  it('of equal weight that lead to a file and to dates are ambiguous', () => {
    const mapping = rmap(
      [['A'], ['DATE-OBS']],
      match([
        ['X', 'x.fits'],
        ['X|Y', useAfter({ '2020-01-01 00:00:00': 'xy.fits' })],
      ]),
    );
    const header = new Map([
      ['A', 'X'],
      ['DATE-OBS', '2024-01-01'],
    ]);
    expect(() => mapping.selector.choose(header)).toThrow('More than one match clause matched.');
  });

  it('tell headers apart whose values only look the same one after the other', () => {
    const mapping = rmap(
      [['A', 'B']],
      match([
        [['*', 'Z'], 'one.fits'],
        [['X', '*'], 'two.fits'],
      ]),
    );
    const answers = [
      ['X\0Y', 'Z'],
      ['X', 'Y\0Z'],
      ['X', '1:Z'],
      ['X1:', 'Z'],
    ].map(([a, b]) =>
      mapping.selector.choose(
        new Map([
          ['A', a!],
          ['B', b!],
        ]),
      ),
    );
    expect(answers).toEqual(['one.fits', 'two.fits', 'two.fits', 'one.fits']);
  });

  it('are refused at load when a key has the wrong length, lies too deep or is no date', () => {
    expect(() => rmap([DETECTOR], match([[['IMG1', 'K'], 'x.fits']]))).toThrow(
      "tmt_iris_flat_0001.rmap: Match key=('IMG1', 'K') is wrong length for parameters ('META.INSTRUMENT.DETECTOR',)",
    );
    expect(() => rmap([DETECTOR], match([['IMG1', useAfter({})]]))).toThrow('deeper than the parkey');
    expect(() =>
      rmap([DETECTOR, ['D']], match([['IMG1', { selector: 'UseAfter', rules: [[1, 'x']] }]])),
    ).toThrow('is no date');
    expect(() =>
      rmap(
        [DETECTOR],
        match([
          ['IMG1', 'a'],
          [' img1 ', 'b'],
        ]),
      ),
    ).toThrow('appears more than once');
  });
});
