import { writeFileSync } from 'node:fs';
import { previewPixels } from '@iris-drs/datamodels';
import { writeAtomically } from '@iris-drs/fits/node';
import type { FloatPlane } from '@iris-drs/kernels';
import { encode } from 'fast-png';

/** Longest side of a preview, pixels. */
const SIZE = 512;

/**
 * Writes a greyscale PNG beside a product.
 * @returns its path
 */
export const writePreview = async (productPath: string, plane: FloatPlane): Promise<string> => {
  const path = productPath.replace(/\.fits$/, '.png');
  const { width, height, data } = previewPixels(plane, SIZE);
  const png = encode({ width, height, data, channels: 1, depth: 8 });
  await writeAtomically(path, (fd) => writeFileSync(fd, png));
  return path;
};
