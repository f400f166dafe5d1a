import { FitsError, type FitsPlace } from './errors.ts';
import type { Image, ReadImageOptions } from './image.ts';
import type { Fits } from './open.ts';
import { allocate, conversionOf } from './physical.ts';
import { exactStorage, type Pixels, type Storage } from './pixels.ts';
import { readRun } from './run.ts';
import { type Hdu, type PixelFormat, pixelFormat } from './scan.ts';
import { countOf, runsOf, sectionOf, shapeOf } from './section.ts';

export interface GroupParameter {
  /** PTYPE; a name that stands more than once is one quantity given in parts, which add up to it. */
  readonly name: string;
  /** One physical value a group: `PZERO + PSCAL × stored`. */
  readonly data: Float64Array;
}

export interface Groups {
  /** `[groups, …shape of one array]`. */
  readonly shape: number[];
  readonly data: Pixels;
  readonly parameters: readonly GroupParameter[];
  /** The sum of the parameters of this name, in any case. */
  parameter(name: string): Float64Array | undefined;
}

/**
 * Random groups (FITS Standard 4.0, section 6): parameters and array of every group.
 *
 * @throws FitsError HDU_KIND, TABLE_LAYOUT, and those of `readImage`
 */
export async function readGroups(fits: Pick<Fits, 'source' | 'name'>, hdu: Hdu): Promise<Groups> {
  const place: FitsPlace = { file: fits.name, hdu: hdu.index, offset: hdu.dataOffset };
  if (hdu.kind !== 'groups') {
    throw new FitsError('HDU_KIND', `this HDU is of kind ${hdu.kind}, expected random groups`, place);
  }
  const { shape, data } = await readGroupArrays(fits, hdu, {}, place);
  const { format, count, pcount, groupBytes } = layoutOf(hdu, place);
  const stored = exactStorage(format.bitpix, 1, 0) as Storage;
  const values = stored.view(new ArrayBuffer(count * pcount * stored.bytes), 0, count * pcount);
  const conversion = conversionOf(format, true);
  for (let group = 0; group < count && pcount > 0; group++) {
    await readRun(
      fits,
      hdu.dataOffset + group * groupBytes,
      values,
      group * pcount,
      pcount,
      conversion,
      place,
    );
  }
  const parameters = Array.from({ length: pcount }, (_, i): GroupParameter => {
    const scale = hdu.header.number(`PSCAL${i + 1}`) ?? 1;
    const zero = hdu.header.number(`PZERO${i + 1}`) ?? 0;
    const column = Float64Array.from(
      { length: count },
      (_, group) => Number(values[group * pcount + i]) * scale + zero,
    );
    return { name: hdu.header.string(`PTYPE${i + 1}`)?.trim() ?? `par${i + 1}`, data: column };
  });
  const parameter = (name: string) => {
    const parts = parameters.filter((p) => p.name.toUpperCase() === name.trim().toUpperCase());
    if (parts.length === 0) return undefined;
    return Float64Array.from({ length: count }, (_, g) =>
      parts.reduce((sum, { data: part }) => sum + (part[g] as number), 0),
    );
  };
  return { shape, data, parameters, parameter };
}

/** The arrays of all groups, `[groups, …shape]`. */
export async function readGroupArrays(
  fits: Pick<Fits, 'source'>,
  hdu: Hdu,
  options: ReadImageOptions,
  place: FitsPlace,
): Promise<Image> {
  const { format, count, pcount, groupBytes } = layoutOf(hdu, place);
  const conversion = conversionOf(format, options.raw ?? false);
  const whole = [count, ...hdu.shape];
  const section = sectionOf(whole, options, place);
  const shape = shapeOf(section);
  const data = allocate(conversion.result, countOf(shape), options.into, place);
  const perGroup = countOf(hdu.shape);
  let at = 0;
  for (const { start, length } of runsOf(whole, section)) {
    // A run may span groups: between their arrays stand the parameters.
    for (let done = 0; done < length; ) {
      const group = Math.floor((start + done) / perGroup);
      const inGroup = start + done - group * perGroup;
      const piece = Math.min(length - done, perGroup - inGroup);
      const from = hdu.dataOffset + group * groupBytes + (pcount + inGroup) * conversion.stored.bytes;
      await readRun(fits, from, data, at, piece, conversion, place);
      done += piece;
      at += piece;
    }
  }
  return { shape, data };
}

function layoutOf(
  hdu: Hdu,
  place: FitsPlace,
): { format: PixelFormat; count: number; pcount: number; groupBytes: number } {
  const { header } = hdu;
  const format = pixelFormat(header, header.integer('BITPIX') as PixelFormat['bitpix']);
  const count = header.integer('GCOUNT') ?? 1;
  const pcount = header.integer('PCOUNT') ?? 0;
  if (pcount > 999) {
    throw new FitsError('KEYWORD_VALUE', `found ${pcount}, expected 0 to 999`, {
      ...place,
      keyword: 'PCOUNT',
    });
  }
  const groupBytes = (Math.abs(format.bitpix) / 8) * (pcount + countOf(hdu.shape));
  if (groupBytes * count !== hdu.dataBytes || (groupBytes === 0 && count > 0)) {
    const text = `${count} groups of ${groupBytes} bytes in ${hdu.dataBytes} bytes of data`;
    throw new FitsError('TABLE_LAYOUT', text, place);
  }
  return { format, count, pcount, groupBytes };
}
