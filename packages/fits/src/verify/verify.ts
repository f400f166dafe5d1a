import { FitsError } from '../errors.ts';
import { gunzipSource, isGzip } from '../gunzip.ts';
import type { Fits } from '../open.ts';
import { type ByteSource, sliceBytes } from '../source.ts';
import { checkArray } from './array.ts';
import { checkCells } from './cells.ts';
import { checkColumns } from './columns.ts';
import { checkDataUnit } from './data.ts';
import { type Finding, Report } from './finding.ts';
import { checkKeywords } from './keywords.ts';
import { checkMandatory, checkNotPrimary, checkPrimary } from './mandatory.ts';
import { first, integerOf, placeOf, stringOf, type Unit } from './unit.ts';
import { type Reach, scanUnits } from './units.ts';
import { checkWcs } from './wcs.ts';

export interface VerifyOptions {
  /** Check ESO's HIERARCH keywords too, which are no part of the standard; default false. */
  readonly hierarch?: boolean;
  /** Findings after which the check stops; default 1000. */
  readonly maxFindings?: number;
  /** The most that a gzip'ed file may hold, unpacked; default 4 GiB. */
  readonly maxBytes?: number;
}

export interface Verification {
  /** What no conforming file has. */
  readonly errors: readonly Finding[];
  /** What is legal and asks for trouble. */
  readonly warnings: readonly Finding[];
}

/**
 * Does a file conform to the FITS Standard? The rules and their division into errors and warnings are those of
 * HEASARC's fitsverify, on headers, tables, fill and checksums; pixels cannot be illegal and are only summed.
 * What is not FITS at all, or cut short, is an error in the result and none to catch.
 *
 * Reads every byte of HDUs that have a checksum and of tables with cells that can be illegal, else headers only.
 */
export async function verifyFits(
  what: ByteSource | Pick<Fits, 'source'>,
  options: VerifyOptions = {},
): Promise<Verification> {
  const packed = 'source' in what ? what.source : what;
  const report = new Report(options.maxFindings ?? 1000);
  let source: Reach = packed;
  try {
    const head = await sliceBytes(packed, 0, Math.min(2, packed.byteLength), {});
    if (isGzip(head)) source = gunzipSource(packed, '', options.maxBytes ?? 2 ** 32);
    await verifySource(source, report, options);
  } catch (error) {
    // A source that gives less than it promised, or a damaged gzip stream.
    if (!(error instanceof FitsError)) throw error;
    report.error('file', { offset: error.offset ?? source.byteLength }, error.message);
  }
  const { errors, warnings } = report;
  return { errors, warnings };
}

async function verifySource(source: Reach, report: Report, options: VerifyOptions): Promise<void> {
  const names = new Map<string, number>();
  let primary: Unit | undefined;
  for await (const unit of scanUnits(source, report)) {
    primary ??= unit;
    const checking = { unit, report };
    checkMandatory(checking);
    checkName(unit, report, names);
    const table = unit.type === 'table' || unit.type === 'bintable';
    if (unit.index === 0) {
      await source.reach?.(unit.dataOffset + Math.ceil(unit.dataBytes / 2880) * 2880 + 1);
      const more = source.byteLength > unit.dataOffset + Math.ceil(unit.dataBytes / 2880) * 2880;
      checkPrimary(checking, more ? 2 : 1);
    } else checkNotPrimary(checking);
    if (unit.type === 'primary' || unit.type === 'image') checkArray(checking);
    const columns = table ? checkColumns(checking) : [];
    checkKeywords(checking, (primary?.axes.length ?? 0) > 0, options);
    checkWcs(checking);
    const whole = await checkDataUnit(source, checking);
    if (!whole) return;
    await checkCells(source, checking, columns);
  }
  if (report.full) {
    report.errors.push({ check: 'limit', offset: 0, message: 'the check stopped here: too many findings' });
  }
}

/** Extensions of one type that have the same EXTNAME and EXTVER cannot be told apart. */
function checkName(unit: Unit, report: Report, names: Map<string, number>): void {
  const name = stringOf(unit, 'EXTNAME');
  const record = first(unit, 'EXTNAME');
  if (!name || !record) return;
  const type = unit.type === 'primary' ? 'image' : unit.type;
  const key = `${type}\n${name}\n${integerOf(unit, 'EXTVER') ?? ''}`;
  const earlier = names.get(key);
  if (earlier !== undefined && unit.index > 0) {
    report.warning('duplicate', placeOf(unit, record), `HDU ${earlier} has the same type, name and version`);
  } else names.set(key, unit.index);
}
