import { statSync } from 'node:fs';
import type { RawImage } from '@iris-drs/kernels';

const bytesOf = ({ offset, bitpix, shape: [ny, nx] }: RawImage): number =>
  offset + (ny * nx * Math.abs(bitpix)) / 8;

/** What changes when a read's file does; undefined while the file is not there or lacks pixels. */
export const stampOf = (image: RawImage): string | undefined => {
  const file = statSync(image.path, { throwIfNoEntry: false, bigint: true });
  if (!file || file.size < bytesOf(image)) return undefined;
  const { path, offset, bitpix, bscale, bzero, shape } = image;
  return [path, file.ino, file.size, file.mtimeNs, offset, bitpix, bscale, bzero, ...shape].join(' ');
};
