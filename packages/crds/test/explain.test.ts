import { describe, expect, it } from 'vitest';
import { explain, explanationText } from '../src/index.ts';
import { loadTmt } from './tmt.ts';

const context = await loadTmt();
const header = {
  INSTRUME: 'IRIS',
  DETECTOR: 'IMG1',
  FILTER: 'K',
  SUBARRAY: 'FULL',
  EXP_TYPE: 'SCIENCE',
  'DATE-OBS': '2025-06-01',
  'TIME-OBS': '00:00:00',
};

describe('why a header gets its reference', () => {
  it('is the path through the files and the rule of each level', () => {
    expect(explanationText(explain(context, header, 'flat'))).toMatchInlineSnapshot(`
      [
        "flat: flat_1.fits",
        "tmt_0001.pmap → tmt_iris_0001.imap → tmt_iris_flat_0001.rmap for IRIS",
        "Match: rule (IRIS1, K): META.INSTRUMENT.DETECTOR = IMG1 (the rule: IRIS1); META.INSTRUMENT.FILTER = K",
        "UseAfter: rule (2020-01-01 00:00:00): the header has 2025-06-01 00:00:00",
      ]
    `);
  });

  it('is plain data', () => {
    const explanation = explain(context, header, 'flat');
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
    expect(explanation).toMatchObject({
      context: 'tmt_0001.pmap',
      instrument: 'IRIS',
      answer: { answer: 'file', file: 'flat_1.fits' },
      failed: [],
    });
  });

  it('tells the expressions that decided whether the type applies, and parameters that do not count', () => {
    expect(explanationText(explain(context, header, 'dark'))).toMatchInlineSnapshot(`
      [
        "dark: dark_1.fits",
        "tmt_0001.pmap → tmt_iris_0001.imap → tmt_iris_dark_0001.rmap for IRIS",
        "rmap_relevance (META.EXPOSURE.TYPE != 'FLAT') is true",
        "Match: rule (IRIS1, N/A): META.INSTRUMENT.DETECTOR = IMG1 (the rule: IRIS1); META.SUBARRAY.NAME does not count",
        "UseAfter: rule (2020-01-01 00:00:00): the header has 2025-06-01 00:00:00",
      ]
    `);
    expect(explanationText(explain(context, { ...header, EXP_TYPE: 'FLAT' }, 'dark'))).toEqual([
      'dark: not applicable: tmt_iris_dark_0001.rmap does not apply by rmap_relevance',
      'tmt_0001.pmap → tmt_iris_0001.imap → tmt_iris_dark_0001.rmap for IRIS',
      "rmap_relevance (META.EXPOSURE.TYPE != 'FLAT') is false",
    ]);
  });
});

describe('why a header gets none', () => {
  it('is the nearest rule and the parameter that fails', () => {
    const miss = explain(context, { ...header, FILTER: 'J' }, 'flat');
    expect(miss.answer).toMatchObject({ answer: 'error', kind: 'MatchingError' });
    expect(miss.failed).toEqual([
      { parameter: 'META.INSTRUMENT.FILTER', wanted: 'K', found: 'J', verdict: 'fails' },
    ]);
    expect(explanationText(miss)).toContain('failed: META.INSTRUMENT.FILTER is J, the nearest rule wants K');
  });

  it('is the earliest date when all rules begin later', () => {
    const miss = explain(context, { ...header, 'DATE-OBS': '2019-01-01' }, 'flat');
    expect(miss.answer).toMatchObject({ answer: 'error', kind: 'MatchingError' });
    expect(miss.failed).toEqual([
      {
        parameter: 'META.OBSERVATION.DATE META.OBSERVATION.TIME',
        wanted: '2020-01-01 00:00:00',
        found: '2019-01-01 00:00:00',
        verdict: 'fails',
      },
    ]);
  });

  it('is the value that no rule names', () => {
    const miss = explain(context, { ...header, FILTER: 'Zbb' }, 'flat');
    expect(miss.answer).toMatchObject({ kind: 'ValidationError' });
    expect(miss.failed).toMatchObject([{ parameter: 'META.INSTRUMENT.FILTER', found: 'ZBB' }]);
  });

  it('is told for what the rules do not know at all', () => {
    expect(explain(context, { ...header, INSTRUME: 'WFOS' }, 'flat').answer).toMatchObject({
      kind: 'CrdsUnknownInstrumentError',
    });
    expect(explain(context, header, 'bogus')).toMatchObject({
      answer: { kind: 'CrdsUnknownReftypeError' },
      mappings: ['tmt_0001.pmap', 'tmt_iris_0001.imap'],
    });
    expect(explain(context, header, 'mask')).toMatchObject({
      answer: { answer: 'notApplicable', reason: 'tmt_iris_0001.imap says N/A' },
      mappings: ['tmt_0001.pmap', 'tmt_iris_0001.imap'],
      levels: [],
    });
    expect(explain(context, {}, 'flat').answer).toMatchObject({ kind: 'MissingInstrument' });
  });
});
