import type { VerifiedColumn } from './columns.ts';
import { shown } from './finding.ts';
import type { Checking } from './unit.ts';

const INTEGER = /^[+-]?\d+$/;
const REAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[EDed][+-]?\d+|[+-]\d+)?$/;
const SPECIAL = /^[+-]?(?:nan|inf(?:inity)?)$/i;

/** A field of an ASCII table holds what its format says: blank, TNULL, or a number without blanks inside. */
export function checkAsciiCell(
  { type, nothing }: NonNullable<VerifiedColumn['ascii']>,
  cell: Uint8Array,
  say: (kind: string, message: string) => void,
): void {
  if (type === 'A') return;
  const text = String.fromCharCode(...cell.subarray(0, 256)).trim();
  if (text === '' || (nothing !== undefined && text === nothing.slice(0, cell.length).trim())) return;
  if (/\S\s+\S/.test(text)) {
    say('space', `${shown(text)} has a blank inside a number`);
  } else if (type === 'I' ? !INTEGER.test(text) : !REAL.test(text) && !SPECIAL.test(text)) {
    say('number', `${shown(text)} is no ${type === 'I' ? 'integer' : 'number'}`);
  } else if (type !== 'I' && !text.includes('.') && !SPECIAL.test(text)) {
    say('point', `${shown(text)} has no decimal point`);
  }
}

/** Every byte of a row is ASCII, and printable within the columns. @returns to be called for each row */
export function checkGaps(
  { unit, report }: Checking,
  columns: readonly VerifiedColumn[],
): (row: Uint8Array, index: number) => void {
  const inside = new Uint8Array(unit.axes[0] ?? 0);
  for (const { start, bytes } of columns) inside.fill(1, start, start + bytes);
  let said = false;
  return (row, index) => {
    if (said) return;
    for (let at = 0; at < row.length; at++) {
      const byte = row[at] as number;
      if (byte < 0x80 && (inside[at] === 0 || (byte >= 32 && byte < 127))) continue;
      const offset = unit.dataOffset + index * row.length + at;
      report.error(
        'data',
        { hdu: unit.index, offset },
        `row ${index + 1}: byte ${byte}, expected ASCII text`,
      );
      said = true;
      return;
    }
  };
}
