/** Rewriting a ramp whose reads are interleaved pixel by pixel. */
import { type ImageHdu, readImage } from '@iris-drs/fits';
import { openFile, writeFile } from '@iris-drs/fits/node';
import { place } from '../access.ts';
import { chooseScience, type DetectorChoice } from '../detectors.ts';
import { DataModelError } from '../errors.ts';
import { contentOf } from '../headers.ts';
import { layoutOf } from './layout.ts';

/**
 * Writes a copy of a `[ny, nx, groups, reads]` ramp as `[groups, reads, ny, nx]`, which openRamp reads: SCI
 * with its type, TIMES; flags are not carried over. The whole ramp is held in memory meanwhile.
 *
 * @throws DataModelError LAYOUT_UNKNOWN when the ramp is not interleaved
 */
export async function unfoldRamp(path: string, target: string, choice: DetectorChoice = {}): Promise<void> {
  const fits = await openFile(path);
  try {
    const sci = chooseScience(fits, choice);
    const primary = fits.hdus[0]!.header;
    const { interleaved, nramps, nreads, ny, nx } = layoutOf(fits, sci, [sci.header, primary]);
    if (!interleaved) {
      throw new DataModelError('LAYOUT_UNKNOWN', {
        ...place(fits, sci),
        found: `shape [${sci.shape.join(', ')}]`,
        expected: '[ny, nx, groups, reads], told by TIMES or NGROUPS and NREADS',
      });
    }
    const { data } = await readImage(fits, sci);
    const planes = nramps * nreads;
    const pixels = ny * nx;
    const unfolded = data.slice();
    for (let p = 0; p < pixels; p++) {
      for (let k = 0; k < planes; k++) unfolded[k * pixels + p] = data[p * planes + k]!;
    }
    const images: ImageHdu[] = [
      { kind: 'image', header: contentOf(primary), shape: [] },
      {
        kind: 'image',
        name: 'SCI',
        header: contentOf(sci.header),
        shape: [nramps, nreads, ny, nx],
        data: unfolded,
      },
    ];
    const times = fits.find('TIMES', sci.version);
    if (times?.kind === 'image') {
      images.push({
        kind: 'image',
        name: 'TIMES',
        shape: times.shape,
        data: (await readImage(fits, times)).data,
      });
    }
    writeFile(target, images);
  } finally {
    fits.close();
  }
}
