import { basename } from 'node:path';
import { closeImage, DQ, type ImageModel, openImage } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import { defineStep, StepError } from '@iris-drs/stpipe';
import { subarrayMap } from '../subarray-map.ts';

/** A full frame and the files of its concurrent subarrays. */
export interface FrameWithSubarrays extends ImageModel {
  readonly subarrays: readonly string[];
}

const FLAGS = DQ.NON_SCIENCE | DQ.DO_NOT_USE;

const wrong = (message: string): StepError => new StepError('STEP_INPUT', 'merge_subarrays', message);

/** SUBARRID: 0 for the full frame, 1 and up as in the map. */
export const subarrayIdOf = (headers: readonly Header[]): number | undefined => {
  const value = headers.map((header) => header.get('SUBARRID')).find((one) => one != null);
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
};

/** Where the map says a subarray lies: the smallest box, which it must fill. */
const boxOf = (inside: readonly number[], nx: number) => {
  let [x0, x1, y0, y1] = [nx, -1, Number.POSITIVE_INFINITY, -1];
  for (const i of inside) {
    const [x, y] = [i % nx, Math.floor(i / nx)];
    [x0, x1, y0, y1] = [Math.min(x0, x), Math.max(x1, x), Math.min(y0, y), Math.max(y1, y)];
  }
  return { x0, y0, shape: [y1 - y0 + 1, x1 - x0 + 1] as const };
};

/**
 * Concurrent subarrays back into their full frame: where SUBARR_MAP is n go pixels, flags and variances of the file
 * with SUBARRID n, in DN/s like the frame. Pixels of subarrays of which there is no file become NON_SCIENCE and
 * DO_NOT_USE. HISTORY says what came from where.
 *
 * iris_pipeline, liger `merge_subarrays`, which merge SCI, DQ and ERR.
 */
export const mergeSubarrays = defineStep<FrameWithSubarrays, Record<never, never>>({
  name: 'merge_subarrays',
  doc: 'Put concurrent subarrays back into their full frame',
  spec: {},
  referenceTypes: [],
  async process(model, _options, { engine, log, skip }) {
    const { shape, dq, header } = model;
    const map = subarrayMap(model, 'merge_subarrays');
    if (!map) return skip('the frame has no SUBARR_MAP');
    const places = new Map<number, number[]>();
    for (let i = 0; i < dq.data.length; i++) {
      const id = map(i);
      if (id <= 0) continue;
      const place = places.get(id);
      if (place) place.push(i);
      else places.set(id, [i]);
    }
    const merged = new Set<number>();
    for (const path of model.subarrays) {
      const part = await openImage(engine, path);
      using _held = { [Symbol.dispose]: () => closeImage(part) };
      const id = subarrayIdOf([part.sciHeader, part.header]);
      const place = id === undefined ? undefined : places.get(id);
      if (id === undefined || !place)
        throw wrong(
          `${path} has SUBARRID ${id ?? 'none'}; SUBARR_MAP knows ${[...places.keys()].join(', ')}.`,
        );
      if (merged.has(id)) throw wrong(`Subarray ${id} comes twice, the second time from ${path}.`);
      const box = boxOf(place, shape[1]);
      if (box.shape.join() !== part.shape.join() || place.length !== part.sci.data.length) {
        throw wrong(
          `${path} has [${part.shape.join(', ')}] pixels; SUBARR_MAP has ${place.length} of subarray ${id} in a box of [${box.shape.join(', ')}].`,
        );
      }
      merged.add(id);
      for (const plane of ['sci', 'varPoisson', 'varRnoise', 'varFlat'] as const) {
        const [to, from] = [model[plane]?.data, part[plane]?.data];
        if (to)
          for (const [k, i] of place.entries()) to[i] = from?.[k] ?? (plane === 'varFlat' ? 0 : Number.NaN);
      }
      for (const [k, i] of place.entries()) dq.data[i] = part.dq.data[k]!;
      header.history(
        `Subarray ${id}: ${basename(path)}, x ${box.x0 + 1}, y ${box.y0 + 1}, ${box.shape[1]} by ${box.shape[0]} pixels`,
      );
    }
    for (const [id, place] of places) {
      if (merged.has(id)) continue;
      for (const i of place) dq.data[i] = dq.data[i]! | FLAGS;
      log.warn(`no file of subarray ${id}: its ${place.length} pixels are flagged`);
    }
    header.set('NSUBMRG', merged.size, 'subarrays merged');
    log.info(`${merged.size} of ${places.size} subarrays merged`);
  },
});
