import { writeFileSync } from 'node:fs';
import { type Fits, type Hdu, type Range, readImage } from '@iris-drs/fits';
import { writeAtomically } from '@iris-drs/fits/node';
import { encode } from 'fast-png';
import { integerArg, parse } from '../../args.ts';
import { CliError, usageError } from '../../errors.ts';
import { choiceArg } from './choice.ts';
import { COLORMAPS } from './colormap.ts';
import { forEachFile, hasData, label, print, refuseOverwriting, selectHdu } from './files.ts';
import { type Look, pictureOf, SCALES, STRETCHES } from './picture.ts';

const isImage = (hdu: Hdu): boolean =>
  (hdu.kind === 'image' || (hdu.kind === 'compressed' && hdu.header.has('ZIMAGE'))) && hasData(hdu);

/** SCI if there is one, else the first image. */
const defaultImage = (fits: Fits): Hdu | undefined => {
  const images = fits.hdus.filter(isImage);
  return images.find(({ name }) => name === 'SCI') ?? images[0];
};

/** One 2-D plane of an image of any number of axes. */
const planeOf = async (fits: Fits, hdu: Hdu, plane: number) => {
  const [ny, nx] = [1, ...hdu.shape].slice(-2) as [number, number];
  const outer = hdu.shape.slice(0, -2);
  const planes = outer.reduce((a, b) => a * b, 1);
  if (plane >= planes) throw usageError(`--plane ${plane}: ${fits.name} ${label(hdu)} has ${planes}`);
  let rest = plane;
  const at = outer.map((_, i) => {
    const unit = outer.slice(i + 1).reduce((a, b) => a * b, 1);
    const index = Math.floor(rest / unit);
    rest %= unit;
    return index;
  });
  const section: Range[] = hdu.shape.map((n, i) =>
    i < at.length ? [at[i] as number, (at[i] as number) + 1] : [0, n],
  );
  const { data } = await readImage(fits, hdu, { section });
  const values = data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>, Number);
  return { data: values, shape: [ny, nx] as const };
};

const cutsOf = (text: string | undefined): Look['cuts'] => {
  if (text === undefined) return undefined;
  const [low, high, ...more] = text
    .split(',')
    .map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (low === undefined || high === undefined || more.length > 0 || !(low < high)) {
    throw usageError(`--cuts ${text}: expected two numbers, the lower first: --cuts=-5,120`);
  }
  return [low, high];
};

/** `drs fits png`: a picture, beside the file unless `-o` says where. */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    {
      hdu: { type: 'string' },
      output: { type: 'string', short: 'o' },
      size: { type: 'string' },
      plane: { type: 'string' },
      stretch: { type: 'string' },
      scale: { type: 'string' },
      cuts: { type: 'string' },
      colormap: { type: 'string' },
    },
    usage,
  );
  const look: Look = {
    size: integerArg('size', values.size, 1024, 1, 16384),
    stretch: choiceArg('stretch', values.stretch, STRETCHES, 'linear'),
    scale: choiceArg('scale', values.scale, SCALES, 'zscale'),
    cuts: cutsOf(values.cuts),
    colormap: choiceArg('colormap', values.colormap, COLORMAPS, 'grey'),
  };
  const plane = integerArg('plane', values.plane, 0, 0, 1e9);
  if (values.output !== undefined && positionals.length > 1) {
    throw usageError(`-o names one picture, and ${positionals.length} files are given\nusage: drs ${usage}`);
  }
  refuseOverwriting(values.output, positionals);
  return forEachFile(positionals, usage, async (fits, path) => {
    const hdu = values.hdu === undefined ? defaultImage(fits) : selectHdu(fits, values.hdu);
    if (!hdu) throw new CliError(1, `${path}: no image to show; drs fits info lists its HDUs`);
    if (!hasData(hdu)) throw new CliError(1, `${path}, HDU ${hdu.index}: no data to show`);
    const { width, height, data, channels, black, white } = pictureOf(await planeOf(fits, hdu, plane), look);
    const output = values.output ?? `${path.replace(/\.(fits?|fts)(\.fz)?$/i, '')}.png`;
    const png = encode({ width, height, data, channels, depth: 8 });
    await writeAtomically(output, (fd) => writeFileSync(fd, png));
    await print(`${output}  ${width} × ${height}, ${label(hdu)}, black ${black}, white ${white}\n`);
  });
};
