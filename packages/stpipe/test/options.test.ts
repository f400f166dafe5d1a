import { describe, expect, it } from 'vitest';
import { planOptions } from '../src/options.ts';

const steps = [
  {
    name: 'dark_current',
    doc: '',
    spec: { n: { type: 'integer', default: 1, doc: '' } },
    referenceTypes: ['dark'],
  },
  {
    name: 'flat_field',
    doc: '',
    spec: {},
    referenceTypes: ['flat'],
    optionalReferenceTypes: ['gain'],
  },
] as const;

describe('options of a pipeline', () => {
  it('go to their steps: own, skip and overrides', () => {
    const [dark, flat] = planOptions(steps, {
      'dark_current.n': '4',
      'dark_current.override_dark': ' n/a ',
      'flat_field.skip': 'on',
      'flat_field.override_flat': 'a/flat.fits',
      'flat_field.override_gain': 'N/A',
    });
    expect(dark).toEqual({ own: { n: 4 }, skip: false, overrides: new Map([['dark', 'N/A']]) });
    expect(flat).toEqual({
      own: {},
      skip: true,
      overrides: new Map([
        ['flat', 'a/flat.fits'],
        ['gain', 'N/A'],
      ]),
    });
  });

  it.each(['', '  ', 'None'])('an override of "%s" is none', (text) => {
    expect(planOptions(steps, { 'dark_current.override_dark': text })[0]?.overrides.size).toBe(0);
  });

  it.each([
    [
      { 'dark.skip': 'true' },
      "Extra value 'dark.skip': no step 'dark'; the steps are: dark_current, flat_field.",
    ],
    [{ skip: 'true' }, "Extra value 'skip': no step 'skip'; the steps are: dark_current, flat_field."],
    [
      { 'dark_current.override_flat': 'x' },
      "Extra value 'override_flat' in steps/dark_current; its options are: n.",
    ],
    [{ 'flat_field.n': '1' }, "Extra value 'n' in steps/flat_field; its options are: none."],
  ])('that belong to nothing are refused: %j', (texts, message) => {
    expect(() => planOptions(steps, texts as Record<string, string>)).toThrow(message);
  });
});
