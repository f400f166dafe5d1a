import { describe, expect, it } from 'vitest';
import { matcherOf } from '../../src/match/matcher.ts';

describe('keys of Match rules', () => {
  it.each([
    ['IMG1', { IMG1: 1, IMG2: -1, '*': 1, 'N/A': 0, UNDEFINED: -1 }],
    ['N/A', { IMG1: 0, '*': 0, 'N/A': 0, UNDEFINED: 0 }],
    ['*', { IMG1: 1, UNDEFINED: 1, 'N/A': 0 }],
    ['J|H|K*', { J: 1, H: 1, K: 1, KBB: 1, Z: -1, JH: -1, 'J|H|K*': -1, '*': 1 }],
    ['[JH]*|!K', { JBB: 1, '!K': 1, K: -1 }],
    ['[!J]*', { JBB: -1, KBB: 1 }],
    ['(SOMETHING(0|1)F?T)', { SOMETHING1FT: 1, SOMETHING0T: 1, SOMETHING2T: -1, '*': 1, 'N/A': 0 }],
    ['(K[A-Z]{2})', { KBB: 1, KBBX: 1, KB: -1 }],
    ['{||*|}', { '||*|': 1, '0': -1 }],
    ['>1.2', { '1.3': 1, '1.2': -1, FOO: -1, '*': 1, 'N/A': 0 }],
    ['<= 2', { '2.0': 1, '2.1': -1 }],
    ['# >1 AND <=20 #', { '4.0': 1, '20.0': 1, '21.0': -1, '-1.0': -1 }],
    ['#>20 OR <5#', { '4.0': 1, '5.0': -1, '21.0': 1, '#>20 OR <5#': 1 }],
    ['BETWEEN 3000 3200', { '2999.99': -1, '3000.0': 1, '3199.99': 1, '3200.0': -1, '*': 1 }],
    ['NOT BETWEEN 3000 3200', { '2999.99': 1, '3000.0': -1, '*': -1, 'N/A': 0 }],
    ['NOT IMG1', { IMG1: -1, IMG2: 1, 'N/A': 0, '*': -1 }],
  ])('%s', (key, verdicts) => {
    const matches = matcherOf(key);
    const found = Object.fromEntries(Object.keys(verdicts).map((value) => [value, matches(value)]));
    expect(found).toEqual(verdicts);
  });

  it.each(['BETWEEN 42 39', 'BETWEEN A B', '>X', `${'NOT '.repeat(1000)}A`, `${'#'.repeat(1000)}`])(
    '%s is refused',
    (key) => {
      expect(() => matcherOf(key)).toThrow('Invalid rule value');
    },
  );

  it('takes any spelling of a value where it is told that they mean the same', () => {
    const spellings = (value: string) => (['IMG1', 'IRIS1'].includes(value) ? ['IMG1', 'IRIS1'] : [value]);
    for (const key of ['IRIS1', 'IMG1', 'IRIS1|IRIS2', '(IRIS1)'])
      expect(matcherOf(key, spellings)('IMG1')).toBe(1);
    expect(matcherOf('NOT IRIS1', spellings)('IMG1')).toBe(-1);
    expect(matcherOf('IRIS2', spellings)('IMG1')).toBe(-1);
  });
});
