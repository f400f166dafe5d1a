import { shown } from './finding.ts';
import { parseField } from './record.ts';
import { type Checking, first, hasType, placeOf } from './unit.ts';

const STRINGS = ['EXTNAME', 'ORIGIN', 'AUTHOR', 'CREATOR', 'REFERENC', 'TELESCOP', 'INSTRUME', 'OBSERVER'];
const TYPES = [
  ...[...STRINGS, 'OBJECT'].map((keyword) => [keyword, 'string'] as const),
  ...['EXTVER', 'EXTLEVEL'].map((keyword) => [keyword, 'integer'] as const),
  ...['EQUINOX', 'MJD-OBS', 'MJD-AVG', 'EPOCH'].map((keyword) => [keyword, 'number'] as const),
];

/** Keywords that may stand in any header: reserved types, dates, duplicates, conventions. */
export function checkKeywords(
  checking: Checking,
  primaryHasData: boolean,
  options: { readonly hierarch?: boolean },
): void {
  const { unit, report } = checking;
  for (const [keyword, type] of TYPES) {
    for (const record of unit.keywords.get(keyword) ?? []) hasType(checking, record, type);
  }
  const epoch = first(unit, 'EPOCH');
  if (epoch)
    report.warning(
      'deprecated',
      placeOf(unit, epoch),
      'EPOCH is no longer to be used, EQUINOX is its name now',
    );
  const inherit = first(unit, 'INHERIT');
  if (
    inherit &&
    unit.index > 0 &&
    hasType(checking, inherit, 'logical') &&
    inherit.value === 'T' &&
    primaryHasData
  ) {
    report.warning(
      'reserved',
      placeOf(unit, inherit),
      'nothing is inherited from a primary HDU that has data',
    );
  }
  checkDates(checking);
  for (const [keyword, records] of unit.keywords) {
    for (const record of records) {
      if (record.type === 'null') report.warning('syntax', placeOf(unit, record), 'the keyword has no value');
    }
    const [, second] = records;
    if (second) {
      const text = `${keyword} is in records ${records
        .slice(0, 5)
        .map((r) => r.index + 1)
        .join(', ')}`;
      report.warning('duplicate', placeOf(unit, second), text);
    }
  }
  const continued = unit.records.find((record) => record.keyword === 'CONTINUE');
  if (continued && !first(unit, 'LONGSTRN')) {
    const text = 'long strings are continued, and LONGSTRN, which announces that, is absent';
    report.warning('convention', placeOf(unit, continued), text);
  }
  if (options.hierarch) checkHierarch(checking);
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d(?:\.\d*)?))?$/;
const OLD_DATE = /^(\d\d)\/(\d\d)\/(\d\d)$/;
const TIME = /^\d\d:\d\d:\d\d(?:\.\d*)?$/;

function checkDates(checking: Checking): void {
  const { unit, report } = checking;
  for (const [keyword, records] of unit.keywords) {
    if (!keyword.startsWith('DATE')) continue;
    for (const record of records) {
      if (!hasType(checking, record, 'string')) continue;
      const { value } = record;
      const place = placeOf(unit, record);
      const old = OLD_DATE.exec(value);
      if (old) {
        const [day, month, year] = old.slice(1).map(Number) as [number, number, number];
        if (!isDay(1900 + year, month, day)) report.error('reserved', place, `${shown(value)} is no date`);
        if (year <= 10)
          report.warning('deprecated', place, `${shown(value)}: is the year 19${old[3]} or 20${old[3]}?`);
        continue;
      }
      const match = DATE.exec(value);
      const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (match ?? [])
        .slice(1)
        .map((part) => Number(part ?? 0));
      const legal = match
        ? isDay(year, month, day) && hour < 24 && minute < 60 && second < 61
        : TIME.test(value);
      if (!legal)
        report.error('reserved', place, `${shown(value)} is no date of the form 2031-07-14T01:02:03`);
    }
  }
}

function isDay(year: number, month: number, day: number): boolean {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days;
}

/** ESO's keywords of several tokens: tokens, equals sign, value, duplicates. */
function checkHierarch({ unit, report }: Checking): void {
  const seen = new Set<string>();
  for (const record of unit.records) {
    if (record.keyword !== 'HIERARCH') continue;
    const place = placeOf(unit, record);
    const equals = record.raw.indexOf('=');
    const name = record.raw.slice(8, equals < 0 ? 80 : equals);
    if (equals < 0) report.error('convention', place, 'a HIERARCH keyword without an equals sign');
    if (!name.startsWith(' ')) report.error('convention', place, 'no blank behind HIERARCH');
    const bad = /[^A-Z0-9_ -]/.exec(name);
    if (bad)
      report.error('convention', place, `${shown(bad[0])} in the name; only A-Z, 0-9, - and _ are legal`);
    if (equals < 0) continue;
    parseField(record.raw.slice(equals + 1), (check, message) => report.error(check, place, message));
    const key = name.trim().replace(/ +/g, ' ');
    if (seen.has(key)) report.warning('duplicate', place, `HIERARCH ${key} is here a second time`);
    seen.add(key);
  }
}
