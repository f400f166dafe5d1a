import { FitsError } from '../errors.ts';
import { parseTdim, parseTform, type Tform } from '../tform.ts';
import { displayProblem } from './display.ts';
import { shown } from './finding.ts';
import { fixedInteger } from './mandatory.ts';
import type { HeaderRecord } from './record.ts';
import { type Checking, type Expected, first, hasType, type Numbered, placeOf, stringOf } from './unit.ts';

/** A column of either kind of table, as far as its keywords are legal. */
export interface VerifiedColumn {
  readonly n: number;
  readonly format: string;
  /** Byte in the row. */
  readonly start: number;
  readonly bytes: number;
  /** Of a binary table. */
  readonly form?: Tform;
  /** Of an ASCII table. */
  readonly ascii?: { readonly type: string; readonly nothing: string | undefined };
}

const IMAGE_ONLY = ['BSCALE', 'BZERO', 'BUNIT', 'BLANK', 'DATAMAX', 'DATAMIN'];

/** The keywords of a table's columns. @returns the columns whose place in the row is known */
export function checkColumns(checking: Checking): VerifiedColumn[] {
  const { unit, report } = checking;
  const binary = unit.type === 'bintable';
  checkNames(checking);
  if (!unit.compressed) {
    for (const keyword of IMAGE_ONLY) {
      const record = first(unit, keyword);
      if (record) report.error('misplaced', placeOf(unit, record), 'only images have this keyword');
    }
  }
  const columns = binary ? binaryColumns(checking) : asciiColumns(checking);
  each(checking, 'TUNIT', 'string');
  for (const prefix of ['TCRVL', 'TCDLT', 'TCRPX', 'TCROT']) each(checking, prefix, 'number');
  for (const prefix of ['TCTYP', 'TCUNI']) each(checking, prefix, 'string');
  for (const { record, n } of each(checking, 'TDISP', 'string')) {
    const format = formatOf(checking, n);
    const problem = displayProblem(record.value, format);
    if (problem) report.error('column', placeOf(unit, record), `${shown(record.value)} ${problem}`);
  }
  for (const prefix of ['TSCAL', 'TZERO']) {
    for (const { record, n } of each(checking, prefix, 'number')) {
      if (prefix === 'TSCAL' && Number(record.value.replace('D', 'E')) === 0) {
        report.warning('column', placeOf(unit, record), 'a scale of zero');
      }
      const format = formatOf(checking, n);
      if (/[ALX]/.test(format))
        report.error('column', placeOf(unit, record), `a column of format ${format} has no scale`);
    }
  }
  return columns;
}

/** Keywords whose value is a code, which begins with the first character. */
const CODES = new Set(['TFORM', 'TDISP', 'TDIM']);

/** Keywords of this prefix whose index is that of a column and whose value is of the right type. */
function each(checking: Checking, prefix: string, type: Expected): Numbered[] {
  const { unit, report } = checking;
  return (unit.numbered.get(prefix) ?? []).filter(({ record, n }) => {
    if (prefix === 'TDISP' && record.value === '') return false;
    const legal = hasType(checking, record, type);
    if (legal && CODES.has(prefix) && record.value.startsWith(' ')) {
      report.error('column', placeOf(unit, record), `${shown(record.value)} begins with a blank`);
    }
    if (n >= 1 && n <= unit.tfields) return legal;
    report.error('index', placeOf(unit, record), `index ${n} is not in 1 to ${unit.tfields} (TFIELDS)`);
    return false;
  });
}

const formatOf = ({ unit }: Checking, n: number): string => stringOf(unit, `TFORM${n}`) ?? '';

function checkNames(checking: Checking): void {
  const { unit, report } = checking;
  const seen = new Map<string, number>();
  const names = new Map<number, HeaderRecord>();
  for (const { record, n } of each(checking, 'TTYPE', 'string')) names.set(n, record);
  for (let n = 1; n <= unit.tfields; n++) {
    const record = names.get(n);
    if (!record || record.value === '') {
      const place = { hdu: unit.index, keyword: `TTYPE${n}`, offset: record?.offset ?? unit.offset };
      report.warning('column', place, `column ${n} has no name`);
      continue;
    }
    const bad = /[^A-Za-z0-9_]/.exec(record.value);
    if (bad) {
      const text = `the name ${shown(record.value)} holds ${shown(bad[0])}; letters, digits and _ are recommended`;
      report.warning('column', placeOf(unit, record), text);
    }
    const upper = record.value.toUpperCase();
    const earlier = seen.get(upper);
    if (earlier !== undefined) {
      report.warning(
        'duplicate',
        placeOf(unit, record),
        `columns ${earlier} and ${n} are both named ${shown(upper)}`,
      );
    } else seen.set(upper, n);
  }
}

function formats(checking: Checking): Map<number, HeaderRecord> {
  const { unit, report } = checking;
  const found = new Map<number, HeaderRecord>();
  for (const { record, n } of each(checking, 'TFORM', 'string')) found.set(n, record);
  for (let n = 1; n <= unit.tfields; n++) {
    const keyword = `TFORM${n}`;
    if (!unit.keywords.has(keyword)) {
      report.error(
        'mandatory',
        { hdu: unit.index, keyword, offset: unit.offset },
        'every column needs a format',
      );
    }
  }
  return found;
}

function binaryColumns(checking: Checking): VerifiedColumn[] {
  const { unit, report } = checking;
  const columns: VerifiedColumn[] = [];
  let start = 0;
  let known = true;
  for (const [n, record] of [...formats(checking)].sort((a, b) => a[0] - b[0])) {
    const form = formOf(checking, record);
    if (!form) known = false;
    if (!form || !known) continue;
    columns.push({ n, format: record.value, start, bytes: form.bytes, form });
    start += form.bytes;
    const width = Number(/^\d+/.exec(form.rest)?.[0] ?? 0);
    if (form.type === 'A' && width > 0 && form.repeat % width !== 0) {
      const text = `${shown(record.value)}: ${form.repeat} characters are no multiple of ${width}`;
      report.warning('column', placeOf(unit, record), text);
    }
  }
  if (known && columns.length === unit.tfields && start !== unit.axes[0]) {
    const text = `the columns take ${start} bytes a row, NAXIS1 is ${unit.axes[0]}`;
    report.error(
      'column',
      { hdu: unit.index, keyword: 'NAXIS1', offset: unit.records[3]?.offset ?? unit.offset },
      text,
    );
  }
  for (const { record } of unit.numbered.get('TBCOL') ?? []) {
    report.error('misplaced', placeOf(unit, record), 'only ASCII tables have this keyword');
  }
  checkNulls(checking);
  checkDimensions(checking, columns);
  checkHeapKeywords(checking, columns);
  return start === unit.axes[0] ? columns : [];
}

function formOf({ unit, report }: Checking, record: HeaderRecord): Tform | undefined {
  const place = placeOf(unit, record);
  try {
    const form = parseTform(record.value, {});
    const max = /^\((\d+)\)?$/.exec(form.rest);
    const variable = form.type === 'P' || form.type === 'Q';
    if (variable && form.rest !== '' && !(max && form.rest.endsWith(')'))) {
      report.error('column', place, `${shown(record.value)}: expected the largest length in parentheses`);
    }
    const bad = /[^A-Z0-9.()]/.exec(record.value.split(' ')[0] ?? '');
    if (bad) report.error('column', place, `${shown(record.value)} holds ${shown(bad[0])}`);
    return form;
  } catch (error) {
    if (!(error instanceof FitsError)) throw error;
    report.error('column', place, error.message);
    return undefined;
  }
}

const RANGES: Readonly<Record<string, readonly [number, number]>> = { B: [0, 255], I: [-32768, 32767] };

function checkNulls(checking: Checking): void {
  const { unit, report } = checking;
  for (const { record, n } of each(checking, 'TNULL', 'integer')) {
    const format = formatOf(checking, n);
    const place = placeOf(unit, record);
    if (!/[BIJK]/.test(format)) {
      report.error('column', place, `a column of format ${format} has no TNULL; only B, I, J and K have`);
    }
    for (const [letter, [low, high]] of Object.entries(RANGES)) {
      const value = Number(record.value);
      if (format.includes(letter) && (value < low || value > high)) {
        report.warning(
          'column',
          place,
          `${record.value} is not in the range ${low} to ${high} of type ${letter}`,
        );
      }
    }
  }
}

function checkDimensions(checking: Checking, columns: readonly VerifiedColumn[]): void {
  const { unit, report } = checking;
  for (const { record, n } of each(checking, 'TDIM', 'string')) {
    const dimensions = parseTdim(record.value);
    const place = placeOf(unit, record);
    if (!dimensions || dimensions.some((length) => !Number.isSafeInteger(length))) {
      report.error('column', place, `${shown(record.value)} is no (l,m,…)`);
      continue;
    }
    const form = columns.find((column) => column.n === n)?.form;
    const elements = dimensions.reduce((a, b) => a * b, 1);
    if (form && form.type !== 'P' && form.type !== 'Q' && elements !== form.repeat) {
      report.error(
        'column',
        place,
        `${shown(record.value)} are ${elements} elements, TFORM gives ${form.repeat}`,
      );
    }
  }
}

function checkHeapKeywords(checking: Checking, columns: readonly VerifiedColumn[]): void {
  const { unit, report } = checking;
  const theap = first(unit, 'THEAP');
  if (theap && hasType(checking, theap, 'integer')) {
    const begin = Number(theap.value);
    const rows = (unit.axes[0] ?? 0) * (unit.axes[1] ?? 0);
    const place = placeOf(unit, theap);
    if (unit.pcount === 0) report.error('misplaced', place, 'PCOUNT is 0: there is no heap');
    else if (begin < rows || begin > rows + unit.pcount) {
      report.error(
        'heap',
        place,
        `found ${begin}, expected ${rows} (end of the rows) to ${rows + unit.pcount}`,
      );
    }
  }
  const variable = columns.some(({ form }) => form?.type === 'P' || form?.type === 'Q');
  if (unit.pcount > 0 && !variable) {
    const place = { hdu: unit.index, keyword: 'PCOUNT', offset: unit.offset };
    report.warning('column', place, `PCOUNT is ${unit.pcount}, and no column is of variable length`);
  }
}

function asciiColumns(checking: Checking): VerifiedColumn[] {
  const { unit, report } = checking;
  const columns: VerifiedColumn[] = [];
  const rowBytes = unit.axes[0] ?? 0;
  const starts = new Map<number, HeaderRecord>();
  for (const { record, n } of each(checking, 'TBCOL', 'integer')) {
    fixedInteger(checking, record);
    starts.set(n, record);
  }
  for (const { record } of [...(unit.numbered.get('TDIM') ?? []), ...theap(checking)]) {
    report.error('misplaced', placeOf(unit, record), 'only binary tables have this keyword');
  }
  each(checking, 'TNULL', 'string');
  for (const [n, record] of formats(checking)) {
    const match = /^([AIFED])(\d{1,9})(?:\.(\d{1,3}))?$/.exec(record.value);
    const place = placeOf(unit, record);
    if (!match) {
      report.error('column', place, `found ${shown(record.value)}, expected Aw, Iw, Fw.d, Ew.d or Dw.d`);
      continue;
    }
    const tbcol = starts.get(n);
    const bytes = Number(match[2]);
    const start = Number(tbcol?.value ?? 0) - 1;
    if (!tbcol) {
      const missing = { hdu: unit.index, keyword: `TBCOL${n}`, offset: unit.offset };
      report.error('mandatory', missing, 'every column of an ASCII table needs a first character');
    } else if (start < 0 || start + bytes > rowBytes) {
      const text = `column ${n} takes characters ${start + 1} to ${start + bytes} of rows of ${rowBytes}`;
      report.error('column', placeOf(unit, tbcol), text);
    } else {
      const nothing = stringOf(unit, `TNULL${n}`)?.trim();
      columns.push({ n, format: record.value, start, bytes, ascii: { type: match[1] ?? 'A', nothing } });
    }
  }
  return columns;
}

const theap = ({ unit }: Checking): { record: HeaderRecord }[] => {
  const record = first(unit, 'THEAP');
  return record ? [{ record }] : [];
};
