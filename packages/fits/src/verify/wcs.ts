import type { HeaderRecord } from './record.ts';
import { type Checking, first, hasType, type Numbered, placeOf } from './unit.ts';

const NUMBERS = ['CRPIX', 'CRVAL', 'CDELT', 'CROTA', 'CRDER', 'CSYER', 'PV'];
const STRINGS = ['CTYPE', 'CUNIT', 'PS', 'CNAME'];
const PLAIN_NUMBERS =
  /^(?:RESTFRQ|RESTFREQ|RESTWAV|OBSGEO-[XYZ]|VELOSYS|ZSOURCE|VELANGL|LONPOLE|LATPOLE)[A-Z]?$/;
const RADESYS = new Set(['ICRS', 'FK5', 'FK4', 'FK4-NO-E', 'GAPPT']);
const SPECSYS = new Set([
  ...['TOPOCENT', 'GEOCENTR', 'BARYCENT', 'HELIOCEN', 'LSRK', 'LSRD', 'GALACTOC', 'LOCALGRP', 'CMBDIPOL'],
  'SOURCE',
]);

/** World coordinates: types, indices within the axes, WCSAXES in front, no contradiction between PC, CD and CROTA. */
export function checkWcs(checking: Checking): void {
  const { unit, report } = checking;
  const axes = axesOf(checking);
  const indexed: HeaderRecord[] = [];
  const counts = new Map<string, number>();
  let largest = axes.own;

  const inRange = (record: HeaderRecord, n: number, what = 'index') => {
    if (n >= 1 && n <= axes.limit) return;
    const text = `${what} ${n} is not in 1 to ${axes.limit} (${axes.declared ? 'WCSAXES' : 'NAXIS'})`;
    if (axes.declared) report.error('index', placeOf(unit, record), text);
    else report.warning('index', placeOf(unit, record), text);
  };
  const count = (prefix: string, { n, rest }: Numbered) => {
    if (rest !== '') return;
    counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    if (NUMBERS.includes(prefix)) largest = Math.max(largest, n);
  };
  for (const prefix of [...NUMBERS, ...STRINGS]) {
    for (const numbered of unit.numbered.get(prefix) ?? []) {
      const { record, n } = numbered;
      if (!hasType(checking, record, NUMBERS.includes(prefix) ? 'number' : 'string')) continue;
      checkValue(checking, prefix, record);
      inRange(record, n);
      count(prefix, numbered);
      indexed.push(record);
    }
  }
  const matrix = new Map<string, HeaderRecord>();
  for (const prefix of ['PC', 'CD']) {
    for (const { record, n, rest } of unit.numbered.get(prefix) ?? []) {
      const second = /^_(\d*)(.*)$/.exec(rest);
      if (!second || !hasType(checking, record, 'number')) continue;
      inRange(record, n, 'first index');
      inRange(record, Number(second[1]), 'second index');
      if (second[2] === '') matrix.set(prefix, record);
      indexed.push(record);
    }
  }
  largest = Math.min(largest, axes.own || unit.axes.length);
  for (const prefix of ['CRPIX', 'CRVAL', 'CTYPE']) {
    const found = counts.get(prefix) ?? 0;
    if (found < largest) {
      const place = { hdu: unit.index, keyword: `${prefix}n`, offset: unit.offset };
      report.warning('wcs', place, `${found} of ${largest} axes have ${prefix}`);
    }
  }
  const pc = matrix.get('PC');
  const rival = matrix.get('CD') ?? first(unit, 'CROTA2');
  if (pc && rival)
    report.error('wcs', placeOf(unit, rival), `${rival.keyword} and ${pc.keyword} exclude each other`);
  if (axes.record) {
    const before = indexed.find((record) => record.index < (axes.record?.index ?? 0));
    if (before)
      report.error(
        'wcs',
        placeOf(unit, axes.record),
        `WCSAXES comes behind ${before.keyword}, expected before`,
      );
  }
  checkFrames(checking);
}

interface Axes {
  readonly record: HeaderRecord | undefined;
  /** WCSAXES, or 0. */
  readonly own: number;
  /** WCSAXES or WCSAXESa is there. */
  readonly declared: boolean;
  readonly limit: number;
}

function axesOf(checking: Checking): Axes {
  const { unit } = checking;
  let own = 0;
  let most = 0;
  let declared = false;
  let main: HeaderRecord | undefined;
  for (const [keyword, records] of unit.keywords) {
    if (!/^WCSAXES[A-Z]?$/.test(keyword)) continue;
    for (const record of records) {
      if (!hasType(checking, record, 'integer')) continue;
      declared = true;
      most = Math.max(most, Number(record.value));
      if (keyword === 'WCSAXES') {
        main = record;
        own = Number(record.value);
      }
    }
  }
  return { record: main, own, declared, limit: declared ? most : unit.axes.length };
}

function checkValue({ unit, report }: Checking, prefix: string, record: HeaderRecord): void {
  const value = Number(record.value.replace('D', 'E'));
  if (prefix === 'CDELT' && value === 0) report.error('wcs', placeOf(unit, record), 'an increment of zero');
  if ((prefix === 'CRDER' || prefix === 'CSYER') && value < 0) {
    report.error('wcs', placeOf(unit, record), `found ${record.value}, expected 0 or more`);
  }
}

function checkFrames(checking: Checking): void {
  const { unit, report } = checking;
  for (const [keyword, records] of unit.keywords) {
    const legal = /^RADE(?:SYS|CSYS)[A-Z]?$/.test(keyword)
      ? RADESYS
      : /^(?:SPECSYS|SSYSOBS|SSYSSRC)[A-Z]?$/.test(keyword)
        ? SPECSYS
        : undefined;
    for (const record of records) {
      if (PLAIN_NUMBERS.test(keyword)) hasType(checking, record, 'number');
      if (!legal || !hasType(checking, record, 'string') || legal.has(record.value)) continue;
      const text = `found '${record.value}', expected one of ${[...legal].join(', ')}`;
      report.warning('wcs', placeOf(unit, record), text);
    }
  }
}
