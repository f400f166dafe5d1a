import { FitsError } from './errors.ts';
import { gunzipSource, isGzip } from './gunzip.ts';
import { type Hdu, scanHdus } from './scan.ts';
import { type ByteSource, sliceBytes } from './source.ts';

/** An open FITS file: its HDUs, and the source their data are read from. */
export interface Fits {
  readonly source: ByteSource;
  readonly name: string;
  readonly hdus: readonly Hdu[];
  /** The file is gzip'ed: `source` holds what it unpacks to, and offsets are not places in the file. */
  readonly packed: boolean;
  /** The first HDU of this EXTNAME (any case), and EXTVER if given. */
  find(name: string, version?: number): Hdu | undefined;
  /** As `find`, or by index; @throws FitsError HDU_MISSING. */
  hdu(nameOrIndex: string | number, version?: number): Hdu;
}

export interface OpenOptions {
  /** The most that a gzip'ed file may hold, unpacked; default 4 GiB. */
  readonly maxBytes?: number;
}

/**
 * List what a FITS file holds. Reads headers only; a gzip'ed file is unpacked into memory.
 *
 * @param name  file name for error messages
 * @throws FitsError NOT_FITS, HEADER_*, KEYWORD_*, DATA_TRUNCATED, TOO_MANY_HDUS, COMPRESSED_DATA, TOO_LARGE
 */
export async function openFits(
  packed: ByteSource,
  name = 'FITS data',
  options: OpenOptions = {},
): Promise<Fits> {
  const first = await sliceBytes(packed, 0, Math.min(2, packed.byteLength), { file: name });
  const unpacked = isGzip(first) ? gunzipSource(packed, name, options.maxBytes ?? 2 ** 32) : undefined;
  const source = unpacked ?? packed;
  const hdus = await scanHdus(source, name).finally(() => unpacked?.finish());
  const find = (wanted: string, version?: number) => {
    const upper = wanted.trim().toUpperCase();
    return hdus.find((hdu) => hdu.name === upper && (version === undefined || hdu.version === version));
  };
  const hdu = (wanted: string | number, version?: number): Hdu => {
    const found = typeof wanted === 'number' ? hdus[wanted] : find(wanted, version);
    if (found) return found;
    const label = version === undefined ? `${wanted}` : `${wanted},${version}`;
    const present = hdus.map(
      (h) => `${h.index}:${h.name || h.kind}${h.version === 1 ? '' : `,${h.version}`}`,
    );
    const text = `no HDU ${label}; present are ${present.slice(0, 30).join(' ')}`;
    throw new FitsError('HDU_MISSING', text, { file: name });
  };
  return { source, name, hdus, packed: unpacked !== undefined, find, hdu };
}
