import { CrdsError, formatMapping, IRIS_ALIASES, loadContext } from '../src/index.ts';
import { DATE, DETECTOR, match, rmapText, useAfter } from './rmap.ts';

const common = { derived_from: 'NONE', observatory: 'TMT' };

/** The mappings of a small context of IRIS, after those of tmt-crds-cache. */
export const TMT: Readonly<Record<string, string>> = {
  'tmt_0001.pmap': formatMapping({
    header: { ...common, name: 'tmt_0001.pmap', mapping: 'PIPELINE', parkey: ['META.INSTRUMENT.NAME'] },
    selector: { IRIS: 'tmt_iris_0001.imap', MODHIS: 'N/A' },
  }),
  'tmt_iris_0001.imap': formatMapping({
    header: {
      ...common,
      name: 'tmt_iris_0001.imap',
      instrument: 'IRIS',
      mapping: 'INSTRUMENT',
      parkey: ['REFTYPE'],
    },
    selector: { FLAT: 'tmt_iris_flat_0001.rmap', DARK: 'tmt_iris_dark_0001.rmap', MASK: 'N/A' },
  }),
  'tmt_iris_flat_0001.rmap': rmapText(
    [[...DETECTOR, 'META.INSTRUMENT.FILTER'], DATE],
    match([
      [
        ['IRIS1', 'K'],
        useAfter({ '2020-01-01 00:00:00': 'flat_1.fits', '2030-01-01 00:00:00': 'flat_2.fits' }),
      ],
      [['IRIS2', 'K'], useAfter({ '2020-01-01 00:00:00': 'flat_3.fits' })],
      [['IRIS2', 'J|H'], useAfter({ '2020-01-01 00:00:00': 'flat_4.fits' })],
    ]),
    { comment_of_people: 'kept' },
  ),
  'tmt_iris_dark_0001.rmap': rmapText(
    [[...DETECTOR, 'META.SUBARRAY.NAME'], DATE],
    match([[['IRIS1', 'GENERIC'], useAfter({ '2020-01-01 00:00:00': 'dark_1.fits' })]]),
    {
      filekind: 'DARK',
      name: 'tmt_iris_dark_0001.rmap',
      rmap_relevance: "(META.EXPOSURE.TYPE != 'FLAT')",
    },
  ),
};

/** `read` over texts by name. */
export const reader =
  (files: Readonly<Record<string, string>>) =>
  (file: string): string => {
    const text = files[file];
    if (text === undefined) throw new CrdsError('MappingNotFound', `no ${file}`, { file });
    return text;
  };

export const loadTmt = (files = TMT, name = 'tmt_0001.pmap') =>
  loadContext(name, reader(files), { aliases: IRIS_ALIASES });
