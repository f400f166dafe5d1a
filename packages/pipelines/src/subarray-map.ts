import type { ImageModel } from '@iris-drs/datamodels';
import { StepError } from '@iris-drs/stpipe';

const BYTES: Readonly<Record<number, number>> = { 8: 1, 16: 2, 32: 4 };

/**
 * SUBARR_MAP of a frame: which concurrent subarray each pixel belongs to, 0 for none.
 *
 * @returns  the number at a pixel index of the whole frame; undefined without a map
 * @throws StepError STEP_INPUT for a map of another shape or type
 */
export const subarrayMap = (
  { extra, shape, strip }: Pick<ImageModel, 'extra' | 'shape' | 'strip'>,
  step: string,
): ((index: number) => number) | undefined => {
  const map = extra.find(({ name }) => name === 'SUBARR_MAP');
  if (!map) return undefined;
  const wrong = (found: string, expected: string): StepError =>
    new StepError('STEP_INPUT', step, `SUBARR_MAP has ${found}; expected ${expected}.`);
  const { header, bytes } = map;
  const [ny, nx] = [header.integer('NAXIS2'), header.integer('NAXIS1')];
  const height = strip?.height ?? shape[0];
  if (ny !== height || nx !== shape[1])
    throw wrong(`shape [${ny}, ${nx}]`, `[${height}, ${shape[1]}] as SCI has`);
  const bitpix = header.integer('BITPIX') ?? 0;
  const width = BYTES[bitpix];
  if (width === undefined) throw wrong(`BITPIX ${bitpix}`, 'integers of 8, 16 or 32 bits');
  const zero = header.number('BZERO') ?? 0;
  const padded = Math.ceil((ny * nx * width) / 2880) * 2880;
  const view = new DataView(bytes.buffer, bytes.byteOffset + bytes.byteLength - padded, padded);
  if (width === 2) return (i) => view.getInt16(2 * i) + zero;
  return width === 4 ? (i) => view.getInt32(4 * i) + zero : (i) => view.getUint8(i) + zero;
};
