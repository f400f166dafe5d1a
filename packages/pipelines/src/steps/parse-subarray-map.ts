import { DQ, type ImageModel } from '@iris-drs/datamodels';
import { defineStep } from '@iris-drs/stpipe';
import { subarrayMap } from '../subarray-map.ts';

const FLAGS = DQ.NON_SCIENCE | DQ.DO_NOT_USE;

/**
 * Pixels of a full frame that belong to concurrent subarrays, which were read at their own pace and hold something
 * else: SUBARR_MAP above 0 becomes NON_SCIENCE and DO_NOT_USE. (iris_pipeline sets bit 4, which is OUTLIER.)
 */
export const parseSubarrayMap = defineStep<ImageModel, Record<never, never>>({
  name: 'parse_subarray_map',
  doc: 'Flag the pixels of concurrent subarrays',
  spec: {},
  referenceTypes: [],
  async process(model, _options, { engine, log, skip }) {
    const { shape, strip } = model;
    const map = subarrayMap(model, 'parse_subarray_map');
    if (!map) return skip('the frame has no SUBARR_MAP');
    await engine.settled();
    const { data } = model.dq;
    const first = (strip?.y0 ?? 0) * shape[1];
    for (let i = 0; i < data.length; i++) if (map(first + i) > 0) data[i] = data[i]! | FLAGS;
    if (first > 0) return;
    const pixels = (strip?.height ?? shape[0]) * shape[1];
    let flagged = 0;
    for (let i = 0; i < pixels; i++) if (map(i) > 0) flagged += 1;
    log.info(`${flagged} pixels of concurrent subarrays flagged`);
  },
});
