import { type Checking, first, hasType, placeOf } from './unit.ts';

/** Keywords of a table, which no image has. */
const TABLE_ONLY = [
  ...['TBCOL', 'TFORM', 'TSCAL', 'TZERO', 'TNULL', 'TTYPE', 'TUNIT', 'TDISP', 'TDIM'],
  ...['TCTYP', 'TCUNI', 'TCRVL', 'TCDLT', 'TCRPX', 'TCROT'],
];

/** Keywords that describe the pixels of a primary array or an image extension. */
export function checkArray(checking: Checking): void {
  const { unit, report } = checking;
  const blank = first(unit, 'BLANK');
  if (blank) {
    hasType(checking, blank, 'integer');
    if (unit.bitpix < 0) {
      const text = `BLANK is for integers; BITPIX is ${unit.bitpix}, and NaN stands for what is undefined`;
      report.error('misplaced', placeOf(unit, blank), text);
    }
  }
  const bscale = first(unit, 'BSCALE');
  if (bscale && hasType(checking, bscale, 'number') && Number(bscale.value.replace('D', 'E')) === 0) {
    report.warning('reserved', placeOf(unit, bscale), 'a scale of zero');
  }
  for (const keyword of ['BZERO', 'DATAMAX', 'DATAMIN']) {
    const record = first(unit, keyword);
    if (record) hasType(checking, record, 'number');
  }
  const bunit = first(unit, 'BUNIT');
  if (bunit) hasType(checking, bunit, 'string');
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
