import { readSync, writeSync } from 'node:fs';
import { encodeData } from './encode.ts';
import { FitsError } from './errors.ts';
import type { HduInit } from './init.ts';
import { type FitsPlan, type PlanOptions, sealHeader } from './plan.ts';
import type { ByteSource } from './source.ts';

/** One read call of the operating system moves less than 2 GiB. */
const MAX_CALL = 1 << 30;

/** The bytes of an open file. */
export function fileSource(
  path: string,
  descriptor: () => number | undefined,
  byteLength: number,
): ByteSource {
  const readInto = (target: Uint8Array, start: number) => {
    const fd = descriptor();
    if (fd === undefined)
      throw new FitsError('FILE_CLOSED', 'the file was closed before this read', { file: path });
    for (let at = 0; at < target.length; ) {
      const got = readSync(fd, target, at, Math.min(target.length - at, MAX_CALL), start + at);
      if (got === 0) {
        const text = `the file ends here, ${target.length - at} bytes before the end of what was to be read; it was cut`;
        throw new FitsError('DATA_TRUNCATED', text, { file: path, offset: start + at });
      }
      at += got;
    }
  };
  const slice = (start: number, end: number) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, byteLength) - start));
    readInto(bytes, start);
    return bytes;
  };
  return { byteLength, slice, readInto };
}

/**
 * Write header, data and padding of one HDU at its planned place.
 *
 * @param init  what the plan was made of, with data
 */
export function writeHdu(
  fd: number,
  plan: FitsPlan,
  index: number,
  init: HduInit,
  options: PlanOptions = {},
): void {
  const hdu = plan.hdus[index];
  if (!hdu) throw new FitsError('HDU_MISSING', `the plan has ${plan.hdus.length} HDUs`, { hdu: index });
  const checksum = options.checksum ?? true;
  let at = hdu.dataOffset;
  const sum = encodeData(init, checksum, (bytes) => {
    writeAll(fd, bytes, at);
    at += bytes.length;
  });
  const padding = hdu.dataOffset + hdu.paddedBytes - at;
  if (at !== hdu.dataOffset + hdu.dataBytes) {
    const text = `${at - hdu.dataOffset} bytes of data where the plan has ${hdu.dataBytes}`;
    throw new FitsError('WRITE_SHAPE', text, { hdu: index });
  }
  if (padding > 0) writeAll(fd, new Uint8Array(padding), at);
  writeAll(fd, checksum ? sealHeader(plan, index, sum) : hdu.headerBytes, hdu.headerOffset);
}

function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(fd, bytes, at, Math.min(bytes.length - at, MAX_CALL), position + at);
  }
}
