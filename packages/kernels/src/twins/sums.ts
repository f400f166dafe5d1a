import { finished, flagsOf, linearised, type SamplePixel } from './sample.ts';

/** One pixel of what a `Sums` takes; numbers in double precision. */
export interface SumsPixel extends Omit<SamplePixel, 'reads' | 'weights' | 'offsets'> {
  readonly ramps: readonly {
    readonly reads: readonly {
      readonly x: number;
      readonly weights: readonly [number, number];
      readonly offset: number;
    }[];
    readonly combination: readonly [number, number];
  }[];
  readonly scale: number;
}

/** slope = scale Σ over ramps of Σₖ c[k] Σᵣ w[k]ᵣ F(xᵣ − bias − offsetᵣ); flags and variances as in `sample`. */
export const sums = (pixel: SumsPixel) => {
  const { form, coefficients } = pixel;
  let dq = flagsOf(pixel);
  let total = 0;
  for (const { reads, combination } of pixel.ramps) {
    const acc: [number, number] = [0, 0];
    for (const { x, weights, offset } of reads) {
      if (weights[0] === 0 && weights[1] === 0) continue;
      if (x >= pixel.saturation) dq |= 3;
      const y = linearised(x - pixel.bias - offset, form, coefficients);
      acc[0] += weights[0] * y;
      acc[1] += weights[1] * y;
    }
    total += combination[0] * acc[0] + combination[1] * acc[1];
  }
  return finished(pixel.scale * total, dq, pixel);
};
