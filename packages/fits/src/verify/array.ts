import { type Checking, first, hasType, placeOf } from './unit.ts';

/** Keywords of a table, which no image has. */
const TABLE_ONLY = [
  ...['TBCOL', 'TFORM', 'TSCAL', 'TZERO', 'TNULL', 'TTYPE', 'TUNIT', 'TDISP', 'TDIM'],
  ...['TCTYP', 'TCUNI', 'TCRVL', 'TCDLT', 'TCRPX', 'TCROT'],
];

/** Keywords that describe the pixels of a primary array or an image extension. */
export function checkArray(checking: Checking): void {
  const { unit, report } = checking;
  for (const blank of unit.keywords.get('BLANK') ?? []) {
    hasType(checking, blank, 'integer');
    if (unit.bitpix < 0) {
      const text = `BLANK is for integers; BITPIX is ${unit.bitpix}, and NaN stands for what is undefined`;
      report.error('misplaced', placeOf(unit, blank), text);
    }
  }
  for (const bscale of unit.keywords.get('BSCALE') ?? []) {
    if (hasType(checking, bscale, 'number') && Number(bscale.value.replace('D', 'E')) === 0) {
      report.warning('reserved', placeOf(unit, bscale), 'a scale of zero');
    }
  }
  for (const keyword of ['BZERO', 'DATAMAX', 'DATAMIN']) {
    for (const record of unit.keywords.get(keyword) ?? []) hasType(checking, record, 'number');
  }
  for (const record of unit.keywords.get('BUNIT') ?? []) hasType(checking, record, 'string');
  for (const keyword of ['TFIELDS', 'THEAP']) {
    const record = first(unit, keyword);
    if (record) report.error('misplaced', placeOf(unit, record), 'only tables have this keyword');
  }
  for (const prefix of TABLE_ONLY) {
    for (const { record } of unit.numbered.get(prefix) ?? []) {
      report.error('misplaced', placeOf(unit, record), 'only tables have this keyword');
    }
  }
}
