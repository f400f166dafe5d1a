import { openAsBlob, statSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What this adapter uses of fitsjs 0.6, which has no types. */
interface DataUnit {
  readonly blob: Blob;
  readonly bitpix: number;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly frameLength: number;
  _getFrame(buffer: ArrayBuffer, bitpix: number, bzero: number, bscale: number): ArrayLike<number>;
}
interface FitsJs {
  readonly hdus: readonly {
    readonly header: { get(keyword: string): string | number | undefined };
    readonly data?: DataUnit;
  }[];
}
interface Astro {
  readonly FITS: new (blob: Blob, callback: (fits: FitsJs) => void) => unknown;
}

/** The part of the browser's FileReader that fitsjs calls. */
class FileReader {
  onloadend: (event: { target: { result: ArrayBuffer } }) => void = () => undefined;
  readAsArrayBuffer(blob: Blob): void {
    blob.arrayBuffer().then((result) => this.onloadend({ target: { result } }));
  }
}

const require = createRequire(import.meta.url);
const { astro } = require('fitsjs') as { astro: Astro };
// It looks both up among the globals.
Object.assign(globalThis, { astro, FileReader });

export interface ForeignImage {
  readonly name: string;
  /** Slowest axis first. */
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/**
 * Every image of a file as fitsjs reads it. It swaps bytes and casts floats; BZERO is added here, as fitsjs puts
 * unsigned integers into signed arrays. Frames are taken one by one: its own `getFrame` returns the current one
 * again, and needs a Web Worker.
 */
export const readWithFitsJs = async (path: string): Promise<ForeignImage[]> => {
  if (statSync(path).size % 2880 !== 0) throw new Error(`${path}: not whole blocks; fitsjs would not end`);
  const blob = await openAsBlob(path);
  const fits = await new Promise<FitsJs>((resolve) => new astro.FITS(blob, resolve));
  const images: ForeignImage[] = [];
  for (const { header, data } of fits.hdus) {
    if (!data?._getFrame) continue;
    const { bitpix, width, height, depth, frameLength } = data;
    if (bitpix === -64) continue;
    const zero = Number(header.get('BZERO') ?? 0);
    const values = new Float64Array(width * height * depth);
    for (let k = 0; k < depth; k++) {
      const buffer = await data.blob.slice(k * frameLength, (k + 1) * frameLength).arrayBuffer();
      const frame = data._getFrame(buffer, bitpix, 0, 1);
      for (let i = 0; i < width * height; i++) values[k * width * height + i] = frame[i]! + zero;
    }
    images.push({
      name: String(header.get('EXTNAME') ?? 'PRIMARY'),
      shape: depth > 1 ? [depth, height, width] : [height, width],
      data: values,
    });
  }
  return images;
};
