import { describe, expect, it } from 'vitest';
import {
  bestReferences,
  CrdsError,
  formatMapping,
  IRIS_ALIASES,
  loadContext,
  referenceFiles,
  referenceTypes,
} from '../src/index.ts';
import { DATE, DETECTOR, match, rmapText, useAfter } from './rmap.ts';

const common = { derived_from: 'NONE', observatory: 'TMT' };
const files: Record<string, string> = {
  'tmt_0001.pmap': formatMapping({
    header: { ...common, name: 'tmt_0001.pmap', mapping: 'PIPELINE', parkey: ['META.INSTRUMENT.NAME'] },
    selector: { IRIS: 'tmt_iris_0001.imap', MODHIS: 'N/A' },
  }),
  'tmt_iris_0001.imap': formatMapping({
    header: { ...common, name: 'x', instrument: 'IRIS', mapping: 'INSTRUMENT', parkey: ['REFTYPE'] },
    selector: {
      FLAT: 'flat.rmap',
      DARK: 'dark.rmap',
      DFLAT: 'N/A',
      GAIN: 'OMIT',
      MASK: 'broken.rmap',
      IPC: 'lost.rmap',
    },
  }),
  'flat.rmap': rmapText(
    [[...DETECTOR, 'META.INSTRUMENT.FILTER'], DATE],
    match([
      [
        ['IRIS1', 'K'],
        useAfter({ '2020-01-01 00:00:00': 'flat_1.fits', '2030-01-01 00:00:00': 'flat_2.fits' }),
      ],
      [['IMG1', 'K'], useAfter({ '2026-01-01 00:00:00': 'flat_new.fits' })],
    ]),
  ),
  'dark.rmap': rmapText([['DETECTOR']], match([['IMG1|IMG2', 'dark.fits']])),
  'broken.rmap': 'header = {',
};
const read = (file: string): string => {
  const text = files[file];
  if (text === undefined) throw new CrdsError('MappingNotFound', `no ${file}`);
  return text;
};
const context = await loadContext('tmt_0001.pmap', read, { aliases: IRIS_ALIASES });
const header = {
  INSTRUME: 'IRIS',
  DETECTOR: 'IMG1',
  FILTER: 'K',
  'DATE-OBS': '2025-06-01',
  'TIME-OBS': '00:00:00',
};
const fileOf = (values: Record<string, string>, type = 'flat', within = context) => {
  const [best] = bestReferences(within, values, [type]);
  return best?.answer === 'file' ? best.file : best;
};

describe('a context', () => {
  it('is a pmap with all mappings below it, and knows which of them cannot be read', () => {
    expect(context.mappings).toEqual(['tmt_0001.pmap', 'tmt_iris_0001.imap', 'dark.rmap', 'flat.rmap']);
    expect([...context.problems.keys()]).toEqual(['lost.rmap', 'broken.rmap']);
    expect(referenceFiles(context)).toEqual(['dark.fits', 'flat_1.fits', 'flat_2.fits', 'flat_new.fits']);
  });

  it('knows its types, those of the instrument alone where the header names one of its', () => {
    const types = ['dark', 'dflat', 'flat', 'gain', 'ipc', 'mask'];
    for (const values of [header, { instrume: 'IRIS ' }, { INSTRUME: 'other' }, {}])
      expect(referenceTypes(context, values)).toEqual(types);
    expect(referenceTypes(context, { INSTRUME: 'MODHIS' })).toEqual([]);
  });

  it('answers one for each type, never failing as a whole', () => {
    const types = ['flat', 'DARK', 'dflat', 'gain', 'mask', 'ipc', 'bogus'];
    expect(bestReferences(context, header, types)).toMatchObject([
      { type: 'flat', answer: 'file', file: 'flat_1.fits' },
      { type: 'DARK', answer: 'file', file: 'dark.fits' },
      { type: 'dflat', answer: 'notApplicable', reason: 'tmt_iris_0001.imap says N/A' },
      { type: 'gain', answer: 'notApplicable', reason: 'tmt_iris_0001.imap omits the type' },
      { type: 'mask', answer: 'error', kind: 'MappingFormatError' },
      { type: 'ipc', answer: 'error', kind: 'MappingNotFound' },
      { type: 'bogus', answer: 'error', kind: 'CrdsUnknownReftypeError' },
    ]);
    expect(bestReferences(context, { INSTRUME: 'WFOS' }, ['flat'])).toMatchObject([
      {
        kind: 'CrdsUnknownInstrumentError',
        message: "Unknown instrument 'WFOS' for context 'tmt_0001.pmap'",
      },
    ]);
    expect(bestReferences(context, {}, ['flat'])).toMatchObject([{ kind: 'MissingInstrument' }]);
    expect(bestReferences(context, { INSTRUME: 'modhis' }, ['flat'])).toMatchObject([
      { answer: 'notApplicable' },
    ]);
  });

  it('takes FITS keywords and CRDS parameter names alike', () => {
    expect(fileOf({ ...header, FILTER: 'k ' })).toBe('flat_1.fits');
    expect(
      fileOf({
        'meta.instrument.name': 'iris',
        'META.INSTRUMENT.DETECTOR': 'IMG1',
        'META.INSTRUMENT.FILTER': 'K',
        'META.OBSERVATION.DATE': '2025-06-01',
        'META.OBSERVATION.TIME': '00:00:00',
      }),
    ).toBe('flat_1.fits');
    const { 'TIME-OBS': _, ...dateOnly } = header;
    expect(fileOf({ ...dateOnly, 'DATE-OBS': '2025-06-01T12:34:56.7' })).toBe('flat_1.fits');
    const { 'DATE-OBS': __, ...undated } = dateOnly;
    expect(fileOf({ ...undated, 'DATE-BEG': '2025-06-01T12:34:56.7' })).toBe('flat_1.fits');
    expect(fileOf(undated)).toMatchObject({ kind: 'InvalidDatetimeError' });
  });

  it('matches a rule for IRIS1 with detector IMG1 and the other way round; rules for both are merged', () => {
    expect(fileOf(header)).toBe('flat_1.fits');
    expect(fileOf({ ...header, 'DATE-OBS': '2026-06-01' })).toBe('flat_new.fits');
    expect(fileOf({ ...header, DETECTOR: 'IRIS1', 'DATE-OBS': '2026-06-01' })).toBe('flat_new.fits');
    expect(fileOf({ ...header, DETECTOR: 'iris2' }, 'dark')).toBe('dark.fits');
    expect(fileOf({ ...header, DETECTOR: 'IMG3' })).toMatchObject({ kind: 'ValidationError' });
  });

  it('knows no such spellings without being told, as CRDS', async () => {
    const plain = await loadContext('tmt_0001.pmap', read);
    expect(fileOf(header, 'flat', plain)).toMatchObject({ kind: 'MatchingError' });
    expect(fileOf({ ...header, DETECTOR: 'IRIS1' }, 'flat', plain)).toBe('flat_1.fits');
    expect(fileOf({ ...header, DETECTOR: 'IRIS1' }, 'dark', plain)).toMatchObject({
      kind: 'ValidationError',
    });
  });

  it('does not load without its pmap', async () => {
    await expect(loadContext('tmt_0002.pmap', read)).rejects.toThrow('no tmt_0002.pmap');
    await expect(loadContext('flat.rmap', read)).rejects.toThrow('another kind');
  });
});
