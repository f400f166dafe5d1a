import { shown } from './finding.ts';
import type { HeaderRecord } from './record.ts';
import { type Checking, first, hasType, placeOf } from './unit.ts';

const REGISTERED = new Set(['IMAGE', 'TABLE', 'BINTABLE', 'A3DTABLE', 'IUEIMAGE', 'FOREIGN', 'DUMP']);
const BITPIX = new Set(['8', '16', '32', '64', '-32', '-64']);

/** The keywords every HDU must have, in their order and in fixed format (FITS Standard 4.0, 4.4.1 and 7). */
export function checkMandatory(checking: Checking): void {
  const { unit, report } = checking;
  const { records } = unit;
  checkFirst(checking, records[0] as HeaderRecord);
  inOrder(checking, 1, 'BITPIX');
  if (records[1]?.keyword === 'BITPIX' && !BITPIX.has(records[1].value)) {
    report.error(
      'mandatory',
      placeOf(unit, records[1]),
      `found ${shown(records[1].value)}, expected 8, 16, 32, 64, -32 or -64`,
    );
  }
  inOrder(checking, 2, 'NAXIS');
  unit.axes.forEach((length, i) => {
    const record = inOrder(checking, 3 + i, `NAXIS${i + 1}`);
    if (record && length < 0)
      report.error('mandatory', placeOf(unit, record), `found ${length}, expected 0 or more`);
  });
  if (unit.index > 0) checkExtension(checking);
  const misplaced = ['SIMPLE', 'XTENSION', 'BITPIX', 'NAXIS'];
  for (const keyword of misplaced) {
    for (const record of unit.keywords.get(keyword) ?? []) {
      report.error('mandatory', placeOf(unit, record), 'a mandatory keyword is here a second time');
    }
  }
  for (const { record, n, rest } of unit.numbered.get('NAXIS') ?? []) {
    if (rest !== '' || n === 0) continue;
    const text = n > unit.axes.length ? `NAXIS is ${unit.axes.length}` : 'it is here a second time';
    report.error('mandatory', placeOf(unit, record), `${record.keyword} has no place here: ${text}`);
  }
}

function checkFirst({ unit, report }: Checking, record: HeaderRecord): void {
  const place = placeOf(unit, record);
  if (unit.index === 0) {
    if (record.type !== 'logical' || record.value !== 'T') {
      report.warning('mandatory', place, 'SIMPLE is not T: the file says that it may not conform to FITS');
    }
    fixedLogical({ unit, report }, record);
    return;
  }
  const quoted = /^'([^']*)'/.exec(record.raw.slice(10).trimStart())?.[1];
  if (quoted === undefined) {
    report.error('mandatory', place, 'found no string, expected a string');
    return;
  }
  if (!record.raw.startsWith("'", 10) || quoted.length < 8) {
    report.error(
      'format',
      place,
      'the string is not in fixed format: quotes in column 11 and in column 20 or later',
    );
  }
  if (quoted.startsWith(' ')) report.error('mandatory', place, `${shown(quoted)} begins with a blank`);
  if (!REGISTERED.has(quoted.trim())) {
    const text = `${shown(quoted.trim())} is no registered extension; expected IMAGE, TABLE or BINTABLE`;
    report.error('mandatory', place, text);
  } else if (quoted.length > 8)
    report.error('mandatory', place, `${shown(quoted)} is longer than 8 characters`);
}

/** PCOUNT and GCOUNT behind NAXISn, TFIELDS behind them. */
function checkExtension(checking: Checking): void {
  const { unit, report } = checking;
  const table = unit.type === 'table' || unit.type === 'bintable';
  const at = 3 + unit.axes.length;
  const pcount = inOrder(checking, at, 'PCOUNT');
  const gcount = inOrder(checking, at + 1, 'GCOUNT');
  for (const [keyword, expected] of [
    ['PCOUNT', pcount],
    ['GCOUNT', gcount],
  ] as const) {
    for (const record of unit.keywords.get(keyword) ?? []) {
      if (record !== expected) hasType(checking, record, 'integer');
    }
  }
  if (unit.type === 'unknown') return;
  if (pcount?.type === 'integer') {
    const value = Number(pcount.value);
    const only = unit.type === 'bintable' ? value >= 0 : value === 0;
    const expected = unit.type === 'bintable' ? '0 or more' : '0';
    if (!only)
      report.error('mandatory', placeOf(unit, pcount), `found ${pcount.value}, expected ${expected}`);
  }
  if (gcount?.type === 'integer' && Number(gcount.value) !== 1) {
    report.error('mandatory', placeOf(unit, gcount), `found ${gcount.value}, expected 1`);
  }
  if (!table) return;
  const tfields = inOrder(checking, at + 2, 'TFIELDS');
  if (tfields?.type === 'integer' && !(Number(tfields.value) >= 0 && Number(tfields.value) <= 999)) {
    report.error('mandatory', placeOf(unit, tfields), `found ${tfields.value}, expected 0 to 999`);
  }
  const [bitpix, naxis] = [unit.records[1], unit.records[2]];
  if (bitpix && unit.bitpix !== 8) {
    report.error('mandatory', placeOf(unit, bitpix), `found ${unit.bitpix}, expected 8 in a table`);
  }
  if (naxis && unit.axes.length !== 2) {
    report.error('mandatory', placeOf(unit, naxis), `found ${unit.axes.length}, expected 2 in a table`);
  }
}

/** The integer keyword that must be record `index`. */
function inOrder(checking: Checking, index: number, keyword: string): HeaderRecord | undefined {
  const { unit, report } = checking;
  const record = unit.records[index];
  if (record?.keyword === keyword) {
    if (hasType(checking, record, 'integer')) fixedInteger(checking, record);
    return record;
  }
  const elsewhere = unit.records.find((r) => r.keyword === keyword);
  const place = { hdu: unit.index, keyword, offset: elsewhere?.offset ?? record?.offset ?? unit.offset };
  const found = elsewhere ? `is record ${elsewhere.index + 1}` : 'is absent';
  report.error('mandatory', place, `${keyword} ${found}, expected it to be record ${index + 1}`);
  if (elsewhere) fixedInteger(checking, elsewhere);
  return elsewhere;
}

/** A mandatory integer stands right-justified in columns 11 to 30. */
export function fixedInteger({ unit, report }: Checking, record: HeaderRecord): void {
  if (/^.{10} *[+-]?\d+(?!\d)/s.exec(record.raw)?.[0].length === 30) return;
  report.error(
    'format',
    placeOf(unit, record),
    'the integer is not in fixed format: right-justified to column 30',
  );
}

/** A mandatory logical stands in column 30. */
function fixedLogical({ unit, report }: Checking, record: HeaderRecord): void {
  if (/^.{10} {19}[TF]/s.test(record.raw)) return;
  report.error('format', placeOf(unit, record), 'the logical is not in fixed format: T or F in column 30');
}

/** Keywords of the primary HDU: EXTEND, those of random groups, those that only extensions have. */
export function checkPrimary(checking: Checking, hdus: number): void {
  const { unit, report } = checking;
  const groups = first(unit, 'GROUPS');
  if (groups && unit.groups) fixedLogical(checking, groups);
  const extend = first(unit, 'EXTEND');
  if (extend && !unit.groups && hasType(checking, extend, 'logical') && extend.value !== 'T' && hdus > 1) {
    report.error('reserved', placeOf(unit, extend), 'EXTEND is F, and there are extensions');
  }
  for (const keyword of ['PCOUNT', 'GCOUNT']) {
    const record = first(unit, keyword);
    if (!record) {
      if (unit.groups)
        report.error(
          'mandatory',
          { hdu: 0, keyword, offset: unit.offset },
          'random groups need this keyword',
        );
    } else if (!unit.groups) {
      report.error('misplaced', placeOf(unit, record), 'only extensions and random groups have this keyword');
    } else if (hasType(checking, record, 'integer')) fixedInteger(checking, record);
  }
  const blocked = first(unit, 'BLOCKED');
  if (blocked) {
    report.warning('deprecated', placeOf(unit, blocked), 'BLOCKED is no longer to be used');
    hasType(checking, blocked, 'logical');
  }
  checkGroupParameters(checking);
}

function checkGroupParameters(checking: Checking): void {
  const { unit, report } = checking;
  for (const [prefix, type] of [
    ['PTYPE', 'string'],
    ['PSCAL', 'number'],
    ['PZERO', 'number'],
  ] as const) {
    for (const { record, n } of unit.numbered.get(prefix) ?? []) {
      if (!unit.groups) {
        report.error('misplaced', placeOf(unit, record), 'only random groups have this keyword');
        continue;
      }
      const legal = hasType(checking, record, type);
      if (legal && prefix === 'PSCAL' && Number(record.value.replace('D', 'E')) === 0) {
        report.warning('reserved', placeOf(unit, record), 'a scale of zero');
      }
      if (n < 1 || n > unit.pcount) {
        report.error('index', placeOf(unit, record), `index ${n} is not in 1 to ${unit.pcount} (PCOUNT)`);
      }
    }
  }
}

/** Keywords that no extension has. */
export function checkNotPrimary({ unit, report }: Checking): void {
  for (const keyword of ['EXTEND', 'BLOCKED']) {
    const record = first(unit, keyword);
    if (record) report.error('misplaced', placeOf(unit, record), 'only the primary HDU has this keyword');
  }
  for (const prefix of ['PTYPE', 'PSCAL', 'PZERO']) {
    for (const { record } of unit.numbered.get(prefix) ?? []) {
      report.error('misplaced', placeOf(unit, record), 'only random groups have this keyword');
    }
  }
}
