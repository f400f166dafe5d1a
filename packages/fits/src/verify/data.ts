import { addDatasums, datasum } from '../checksum.ts';
import { BLOCK } from '../header.ts';
import { readBytes } from '../source.ts';
import type { Place } from './finding.ts';
import { type Checking, first, placeOf } from './unit.ts';
import type { Reach } from './units.ts';

const CHUNK = 1 << 20;
const ALL_ONES = 0xffffffff;

/** One pass over the data unit: is it there, is its fill right, do the checksums agree? @returns whether all is there */
export async function checkDataUnit(source: Reach, checking: Checking): Promise<boolean> {
  const { unit, report } = checking;
  const { dataOffset, dataBytes } = unit;
  const padded = Math.ceil(dataBytes / BLOCK) * BLOCK;
  await source.reach?.(dataOffset + padded);
  const available = source.byteLength - dataOffset;
  const place: Place = { hdu: unit.index, offset: source.byteLength };
  if (available < dataBytes) {
    const text = `the file ends ${dataBytes - Math.max(0, available)} bytes before the data do, of which there should be ${dataBytes}`;
    report.error('file', place, text);
    return false;
  }
  if (available < padded) {
    report.error('file', place, `the last block is ${padded - available} bytes short of 2880`);
    return true;
  }
  const summed = first(unit, 'DATASUM') !== undefined || first(unit, 'CHECKSUM') !== undefined;
  const memory = new Uint8Array(Math.min(CHUNK, padded));
  let sum = 0;
  // Without sums only the fill is of interest.
  for (let at = summed ? 0 : Math.max(0, padded - BLOCK); at < padded; at += memory.length) {
    const bytes = memory.subarray(0, Math.min(memory.length, padded - at));
    await readBytes(source, bytes, dataOffset + at, place);
    if (summed) sum = datasum(bytes, sum);
    checkFill(
      checking,
      bytes.subarray(Math.min(bytes.length, Math.max(0, dataBytes - at))),
      at + bytes.length,
    );
  }
  if (summed) await checkSums(source, checking, sum);
  return true;
}

/** @param end  of `fill` in the data unit */
function checkFill({ unit, report }: Checking, fill: Uint8Array, end: number): void {
  const expected = unit.type === 'table' ? 0x20 : 0;
  const bad = fill.findIndex((byte) => byte !== expected);
  if (bad < 0) return;
  const what = expected === 0 ? 'zeros' : 'blanks';
  const offset = unit.dataOffset + end - fill.length + bad;
  report.error('fill', { hdu: unit.index, offset }, `the block behind the data is not filled with ${what}`);
}

async function checkSums(source: Reach, checking: Checking, sum: number): Promise<void> {
  const { unit, report } = checking;
  const declared = first(unit, 'DATASUM');
  const text = declared?.value.trim() ?? '';
  let dataHolds = true;
  if (declared && text !== '') {
    dataHolds = /^\d+$/.test(text) && Number(text) % ALL_ONES === sum % ALL_ONES;
    if (!dataHolds)
      report.warning(
        'checksum',
        placeOf(unit, declared),
        `found ${text.slice(0, 20)}, the data sum up to ${sum}`,
      );
  }
  const checksum = first(unit, 'CHECKSUM');
  if (!checksum || checksum.value.trim() === '') return;
  const header = new Uint8Array(unit.dataOffset - unit.offset);
  await readBytes(source, header, unit.offset, placeOf(unit, checksum));
  if (addDatasums(datasum(header), sum) % ALL_ONES === 0) return;
  const why = declared && dataHolds ? 'the header was changed (DATASUM holds)' : 'the HDU was changed';
  report.warning('checksum', placeOf(unit, checksum), `the sum of the HDU is not all ones: ${why}`);
}
