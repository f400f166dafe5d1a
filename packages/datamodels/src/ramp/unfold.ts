/** Rewriting a ramp whose reads are interleaved pixel by pixel. */
import { type Hdu, type ImageHdu, readImage } from '@iris-drs/fits';
import { openFile, writeFile } from '@iris-drs/fits/node';
import { findImage, headersOf } from '../access.ts';
import { chooseScience, type DetectorChoice } from '../detectors.ts';
import { contentOf } from '../headers.ts';
import { layoutOf } from './layout.ts';

type Pixels = Awaited<ReturnType<typeof readImage>>['data'];

/** Places that lie `planes` apart, brought together. */
const planesFirst = (data: Pixels, planes: number, pixels: number): Pixels => {
  const unfolded = data.slice();
  for (let p = 0; p < pixels; p++) {
    for (let k = 0; k < planes; k++) unfolded[k * pixels + p] = data[p * planes + k]!;
  }
  return unfolded;
};

/**
 * Writes a copy of a `[ny, nx, groups, reads]` ramp as `[groups, reads, ny, nx]`, which openRamp reads: SCI and GROUPDQ
 * with their types, PIXELDQ, TIMES. The whole ramp is held in memory meanwhile.
 *
 * @returns false, and nothing is written, where the ramp is not interleaved
 */
export async function unfoldRamp(
  path: string,
  target: string,
  choice: DetectorChoice = {},
): Promise<boolean> {
  const fits = await openFile(path);
  try {
    const sci = chooseScience(fits, choice);
    const primary = fits.hdus[0]!.header;
    const { interleaved, nramps, nreads, ny, nx } = layoutOf(fits, sci, headersOf(fits, sci));
    if (!interleaved) return false;
    const [planes, pixels] = [nramps * nreads, ny * nx];
    const unfolded = async (name: string, hdu: Hdu): Promise<ImageHdu> => ({
      ...{ kind: 'image', name, header: contentOf(hdu.header), shape: [nramps, nreads, ny, nx] },
      data: planesFirst((await readImage(fits, hdu)).data, planes, pixels),
    });
    const images: ImageHdu[] = [
      { kind: 'image', header: contentOf(primary), shape: [] },
      await unfolded('SCI', sci),
    ];
    const dq = findImage(fits, 'DQ', sci);
    const groupDq = findImage(fits, 'GROUPDQ', sci) ?? (dq?.shape.length === 4 ? dq : undefined);
    if (groupDq && groupDq.shape.join() === sci.shape.join()) images.push(await unfolded('GROUPDQ', groupDq));
    const pixelDq = findImage(fits, 'PIXELDQ', sci) ?? (dq?.shape.length === 2 ? dq : undefined);
    const plain = [
      ['PIXELDQ', pixelDq],
      ['TIMES', fits.find('TIMES', sci.version)],
    ] as const;
    for (const [name, hdu] of plain) {
      if (hdu?.kind !== 'image') continue;
      images.push({ kind: 'image', name, shape: hdu.shape, data: (await readImage(fits, hdu)).data });
    }
    writeFile(target, images);
    return true;
  } finally {
    fits.close();
  }
}
