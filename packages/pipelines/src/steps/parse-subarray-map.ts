import { DQ, type ImageModel } from '@iris-drs/datamodels';
import { defineStep, StepError } from '@iris-drs/stpipe';

const FLAGS = DQ.NON_SCIENCE | DQ.DO_NOT_USE;
const BYTES: Readonly<Record<number, number>> = { 8: 1, 16: 2, 32: 4 };

const wrongMap = (found: string, expected: string): StepError =>
  new StepError('STEP_INPUT', 'parse_subarray_map', `SUBARR_MAP has ${found}; expected ${expected}.`);

/**
 * Pixels of a full frame that belong to concurrent subarrays, which were read at their own pace and hold something
 * else: SUBARR_MAP above 0 becomes NON_SCIENCE and DO_NOT_USE. (iris_pipeline sets bit 4, which is OUTLIER.)
 */
export const parseSubarrayMap = defineStep<ImageModel, Record<never, never>>({
  name: 'parse_subarray_map',
  doc: 'Flag the pixels of concurrent subarrays',
  spec: {},
  referenceTypes: [],
  async process({ extra, dq, shape, strip }, _options, { log, skip }) {
    const map = extra.find(({ name }) => name === 'SUBARR_MAP');
    if (!map) return skip('the frame has no SUBARR_MAP');
    const { header, bytes } = map;
    const [ny, nx] = [header.integer('NAXIS2'), header.integer('NAXIS1')];
    const height = strip?.height ?? shape[0];
    if (ny !== height || nx !== shape[1])
      throw wrongMap(`shape [${ny}, ${nx}]`, `[${height}, ${shape[1]}] as SCI has`);
    const bitpix = header.integer('BITPIX') ?? 0;
    const width = BYTES[bitpix];
    if (width === undefined) throw wrongMap(`BITPIX ${bitpix}`, 'integers of 8, 16 or 32 bits');
    const zero = header.number('BZERO') ?? 0;
    const padded = Math.ceil((ny * nx * width) / 2880) * 2880;
    const view = new DataView(bytes.buffer, bytes.byteOffset + bytes.byteLength - padded, padded);
    const inSubarray = (i: number): boolean => {
      const raw = width === 2 ? view.getInt16(2 * i) : width === 4 ? view.getInt32(4 * i) : view.getUint8(i);
      return raw + zero > 0;
    };
    const first = (strip?.y0 ?? 0) * nx;
    for (let i = 0; i < dq.data.length; i++) if (inSubarray(first + i)) dq.data[i] = dq.data[i]! | FLAGS;
    let flagged = 0;
    if (first === 0) for (let i = 0; i < ny * nx; i++) flagged += Number(inSubarray(i));
    log.info(`${flagged} pixels of concurrent subarrays flagged`);
  },
});
