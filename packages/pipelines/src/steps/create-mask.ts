import { DQ, type FlagName, type ImageModel, openFlat } from '@iris-drs/datamodels';
import type { Engine, FloatPlane } from '@iris-drs/kernels';
import { defineStep } from '@iris-drs/stpipe';
import { flagListed } from '../pixel-list.ts';

/** A master dark that becomes a mask: DQ is what counts afterwards. */
export interface MaskSource extends ImageModel {
  /** File of a normalized flat. */
  readonly flat: string | undefined;
}

const spec = {
  sigma: {
    type: 'float',
    default: 10,
    min: 1,
    doc: 'HOT (OTHER_BAD_PIXEL): so many σ above (below) the median of the dark',
  },
  dead_below: {
    type: 'float',
    default: 0.2,
    min: 0,
    doc: 'DEAD: response below this share of the median flat',
  },
  low_below: { type: 'float', default: 0.5, min: 0, doc: 'LOW_QE: response below this share' },
  pixels: { type: 'string', default: null, doc: "Text file of further pixels: lines 'x y FLAGS', 1-based" },
} as const;

/** Median and robust σ (half of the middle 68 %). */
const spreadOf = async (engine: Engine, plane: FloatPlane): Promise<{ median: number; sigma: number }> => {
  const { values } = await engine.quantiles(plane, [0.15865, 0.5, 0.84135]);
  const [low = Number.NaN, median = Number.NaN, high = Number.NaN] = values;
  return { median, sigma: (high - low) / 2 };
};

/**
 * Bad pixels from a master dark, a normalized flat and a list. The dark and the flat say what is hot, dead or weak;
 * NaN is OTHER_BAD_PIXEL. All but LOW_QE get DO_NOT_USE.
 *
 * The seed's chapter 11.3: "features … 10–20 sigma above and below the noise level" of median-combined darks.
 */
export const createMask = defineStep<MaskSource, typeof spec>({
  name: 'create_mask',
  doc: 'Make a bad-pixel mask from a master dark, a flat and a list of pixels',
  spec,
  referenceTypes: [],
  async process(model, options, { engine, log }) {
    const { sci, dq, shape } = model;
    dq.data.fill(0);
    const flag = (where: (i: number) => boolean, name: FlagName, flags: number): void => {
      let count = 0;
      for (let i = 0; i < dq.data.length; i++) {
        if (!where(i)) continue;
        dq.data[i] = dq.data[i]! | flags;
        count += 1;
      }
      log.info(`${count} pixels ${name}`);
      model.header.set(`N_${name.replaceAll('_', '').slice(0, 6)}`, count, `pixels ${name}`);
    };
    const { median, sigma } = await spreadOf(engine, sci);
    const [low, high] = [median - options.sigma * sigma, median + options.sigma * sigma];
    flag((i) => sci.data[i]! > high, 'HOT', DQ.HOT | DQ.DO_NOT_USE);
    const bad = (i: number): boolean => Number.isNaN(sci.data[i]!) || sci.data[i]! < low;
    flag(bad, 'OTHER_BAD_PIXEL', DQ.OTHER_BAD_PIXEL | DQ.DO_NOT_USE);
    if (model.flat !== undefined) {
      const flat = await openFlat(engine, model.flat, { headers: [model.sciHeader, model.header], shape });
      using _held = { [Symbol.dispose]: () => flat.close() };
      const { median: usual } = await spreadOf(engine, flat.sci);
      const share = (i: number): number => flat.sci.data[i]! / usual;
      flag((i) => !(share(i) >= options.dead_below), 'DEAD', DQ.DEAD | DQ.DO_NOT_USE);
      flag((i) => share(i) >= options.dead_below && share(i) < options.low_below, 'LOW_QE', DQ.LOW_QE);
    }
    if (options.pixels !== null) {
      const listed = flagListed(options.pixels, dq.data, shape);
      log.info(`${listed} pixels of ${options.pixels}`);
    }
  },
});
