import { writeFileSync } from 'node:fs';
import { previewPixels } from '@iris-drs/datamodels';
import { type Fits, type Hdu, readImage } from '@iris-drs/fits';
import { writeAtomically } from '@iris-drs/fits/node';
import { encode } from 'fast-png';
import { integerArg, parse } from '../../args.ts';
import { CliError, usageError } from '../../errors.ts';
import { forEachFile, hasData, label, print, refuseOverwriting, selectHdu } from './files.ts';

/** SCI if there is one, else the first image. */
const defaultImage = (fits: Fits): Hdu | undefined => {
  const images = fits.hdus.filter((hdu) => hdu.pixels && hasData(hdu));
  return images.find(({ name }) => name === 'SCI') ?? images[0];
};

/** One 2-D plane of an image of any number of axes. */
const planeOf = async (fits: Fits, hdu: Hdu, plane: number) => {
  const [ny, nx] = [1, ...hdu.shape].slice(-2) as [number, number];
  const planes = hdu.shape.slice(0, -2).reduce((a, b) => a * b, 1);
  if (plane >= planes) throw usageError(`--plane ${plane}: ${fits.name} ${label(hdu)} has ${planes}`);
  const planeBytes = hdu.dataBytes / planes;
  const part = {
    ...hdu,
    shape: [ny, nx],
    dataBytes: planeBytes,
    dataOffset: hdu.dataOffset + plane * planeBytes,
  };
  const { data } = await readImage(fits, part);
  const values = data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>, Number);
  return { data: values, shape: [ny, nx] as const };
};

/** `drs fits png`: a greyscale picture with zscale limits, beside the file unless `-o` says where. */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    {
      hdu: { type: 'string' },
      output: { type: 'string', short: 'o' },
      size: { type: 'string' },
      plane: { type: 'string' },
    },
    usage,
  );
  const size = integerArg('size', values.size, 1024, 1, 16384);
  const plane = integerArg('plane', values.plane, 0, 0, 1e9);
  if (values.output !== undefined && positionals.length > 1) {
    throw usageError(`-o names one picture, and ${positionals.length} files are given\nusage: drs ${usage}`);
  }
  refuseOverwriting(values.output, positionals);
  return forEachFile(positionals, usage, async (fits, path) => {
    const hdu = values.hdu === undefined ? defaultImage(fits) : selectHdu(fits, values.hdu);
    if (!hdu) throw new CliError(1, `${path}: no image to show; drs fits info lists its HDUs`);
    if (!hasData(hdu)) throw new CliError(1, `${path}, HDU ${hdu.index}: no data to show`);
    const { width, height, data, black, white } = previewPixels(await planeOf(fits, hdu, plane), size);
    const output = values.output ?? `${path.replace(/\.(fits?|fts)$/i, '')}.png`;
    const png = encode({ width, height, data, channels: 1, depth: 8 });
    await writeAtomically(output, (fd) => writeFileSync(fd, png));
    await print(`${output}  ${width} × ${height}, ${label(hdu)}, black ${black}, white ${white}\n`);
  });
};
