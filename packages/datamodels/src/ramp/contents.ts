/** What the files of a ramp hold, each by itself. */
import { statSync } from 'node:fs';
import type { Hdu, Header } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import type { RawImage } from '@iris-drs/kernels';
import { findImage, headersOf, locate, type OpenFits, place, squeezed } from '../access.ts';
import { chooseScience, type DetectorChoice } from '../detectors.ts';
import { layoutOf, type RampLayout } from './layout.ts';

/** What one file holds, whatever others there are. */
export interface FileContents {
  readonly path: string;
  readonly where: { readonly file: string; readonly hdu: string };
  readonly headers: readonly Header[];
  readonly layout: RampLayout;
  readonly images: readonly RawImage[];
  readonly flags: readonly RawImage[] | undefined;
}

/** Contents of files by path, as long as a file does not change. */
export type KnownReads = Map<string, { readonly stamp: string; readonly contents: FileContents }>;

/** Headers, layout and places of the reads of an open file. */
export function contentsOf(fits: OpenFits, choice: DetectorChoice): FileContents {
  const sci = chooseScience(fits, choice);
  const headers = headersOf(fits, sci);
  const layout = layoutOf(fits, sci, headers);
  const flags = findImage(fits, 'GROUPDQ', sci) ?? fourAxes(findImage(fits, 'DQ', sci));
  const planes = layout.interleaved ? [] : [...Array(layout.nramps * layout.nreads).keys()];
  return {
    ...{ path: fits.path, where: place(fits, sci), headers, layout },
    images: planes.map((plane) => locate(fits, sci, plane)),
    flags: flags && planes.map((plane) => locate(fits, flags, plane)),
  };
}

/** The same of a file that is opened, unless it is known. */
export async function contentsAt(
  path: string,
  choice: DetectorChoice,
  known: KnownReads,
): Promise<FileContents> {
  const { ino, size, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
  const stamp = `${ino} ${size} ${mtimeMs}`;
  const before = known.get(path);
  if (before?.stamp === stamp) return before.contents;
  using fits = await openFile(path);
  const contents = contentsOf(fits, choice);
  known.set(path, { stamp, contents });
  return contents;
}

const fourAxes = (hdu: Hdu | undefined): Hdu | undefined =>
  hdu && hdu.shape.length > 2 && squeezed(hdu.shape).length > 2 ? hdu : undefined;
