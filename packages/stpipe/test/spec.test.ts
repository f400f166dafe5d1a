import { describe, expect, it } from 'vitest';
import { nonDefaultOptions, parseOptions } from '../src/spec.ts';

const spec = {
  n: { type: 'integer', default: 2, min: 1, max: 9, doc: 'count' },
  maybe: { type: 'integer', default: null, doc: 'count or none' },
  sigma: { type: 'float', default: 3, min: 0, doc: 'threshold' },
  flag: { type: 'boolean', default: false, doc: 'switch' },
  text: { type: 'string', default: null, doc: 'text' },
  mode: { type: 'option', choices: ['cds', 'utr'], default: 'utr', doc: 'method' },
} as const;

describe('options of a step', () => {
  it('have the defaults of the spec', () => {
    expect(parseOptions('step', spec, {})).toEqual({
      n: 2,
      maybe: null,
      sigma: 3,
      flag: false,
      text: null,
      mode: 'utr',
    });
  });

  it('are read from texts as a .cfg holds them', () => {
    const texts = { n: ' 9 ', maybe: '-4', sigma: '2.5e-1', flag: 'Yes', text: ' a b', mode: 'cds' };
    expect(parseOptions('step', spec, texts)).toEqual({
      n: 9,
      maybe: -4,
      sigma: 0.25,
      flag: true,
      text: ' a b',
      mode: 'cds',
    });
    for (const text of ['true', 'on', '1', 'yes', 'TRUE'])
      expect(parseOptions('step', spec, { flag: text }).flag).toBe(true);
    for (const text of ['false', 'off', '0', 'no', 'Off'])
      expect(parseOptions('step', spec, { flag: text }).flag).toBe(false);
  });

  it.each([
    [
      { n: '4.0' },
      `Config parameter 'steps/step/n': the value "4.0" is of the wrong type. Expected integer(min=1, max=9, default=2).`,
    ],
    [
      { n: '10' },
      `Config parameter 'steps/step/n': the value "10" is too big. Expected integer(min=1, max=9, default=2).`,
    ],
    [
      { maybe: 'None' },
      `Config parameter 'steps/step/maybe': the value "None" is of the wrong type. Expected integer(default=None).`,
    ],
    [
      { sigma: '-1' },
      `Config parameter 'steps/step/sigma': the value "-1.0" is too small. Expected float(min=0, default=3.0).`,
    ],
    [
      { maybe: '12345678901234567890' },
      `Config parameter 'steps/step/maybe': the value "12345678901234567890" is unacceptable. Expected integer(default=None).`,
    ],
    [
      { sigma: 'nan' },
      `Config parameter 'steps/step/sigma': the value "nan" is unacceptable. Expected float(min=0, default=3.0).`,
    ],
    [
      { sigma: '' },
      `Config parameter 'steps/step/sigma': the value "" is of the wrong type. Expected float(min=0, default=3.0).`,
    ],
    [
      { flag: 'maybe' },
      `Config parameter 'steps/step/flag': the value "maybe" is of the wrong type. Expected boolean(default=False).`,
    ],
    [
      { mode: 'CDS' },
      `Config parameter 'steps/step/mode': the value "CDS" is unacceptable. Expected option('cds', 'utr', default='utr').`,
    ],
    [
      { modus: 'cds' },
      `Extra value 'modus' in steps/step; its options are: n, maybe, sigma, flag, text, mode.`,
    ],
  ])('of the wrong kind are refused: %j', (texts, message) => {
    expect(() => parseOptions('step', spec, texts as Record<string, string>)).toThrow(
      expect.objectContaining({ message, step: 'step', retriable: false }),
    );
  });

  it('that differ from the default are told apart', () => {
    expect(
      nonDefaultOptions(spec, parseOptions('step', spec, { n: '2', sigma: '2.5', mode: 'cds' })),
    ).toEqual([
      ['sigma', 2.5],
      ['mode', 'cds'],
    ]);
  });
});
