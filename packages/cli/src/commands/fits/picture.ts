/** From a plane of pixels to the bytes of a picture: shrink, limits, stretch, colours. */
import { previewPixels } from '@iris-drs/datamodels';
import { type Colormap, colourTable } from './colormap.ts';

export const STRETCHES = ['linear', 'log', 'sqrt', 'asinh'] as const;
export type Stretch = (typeof STRETCHES)[number];
export const SCALES = ['zscale', 'percentile', 'minmax'] as const;
export type Scale = (typeof SCALES)[number];

export interface Look {
  /** No side is longer. */
  readonly size: number;
  readonly stretch: Stretch;
  readonly scale: Scale;
  /** Limits; they win over `scale`. */
  readonly cuts: readonly [low: number, high: number] | undefined;
  readonly colormap: Colormap;
}

interface Plane {
  readonly data: Float32Array;
  readonly shape: readonly [ny: number, nx: number];
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1: grey, 3: colour. */
  readonly channels: 1 | 3;
  /** Top row first; row 0 of the plane is at the bottom. */
  readonly data: Uint8Array;
  readonly black: number;
  readonly white: number;
}

/** Part of the pixels that percentile limits leave out at each end. */
const TAIL = 0.0025;

/** The curves of astropy.visualization with its parameters, from [0, 1] to [0, 1]. */
const CURVES: Readonly<Record<Stretch, (x: number) => number>> = {
  linear: (x) => x,
  log: (x) => Math.log1p(1000 * x) / Math.log1p(1000),
  sqrt: Math.sqrt,
  asinh: (x) => Math.asinh(x / 0.1) / Math.asinh(10),
};

/** Blocks without a finite pixel are black. */
export function pictureOf(plane: Plane, look: Look): Picture {
  const { means, width, height } = shrink(plane, look.size);
  const [black, white] = look.cuts ?? limitsOf(plane, means, look);
  const table = colourTable(look.colormap);
  const channels = look.colormap === 'grey' ? 1 : 3;
  const curve = CURVES[look.stretch];
  const data = new Uint8Array(width * height * channels);
  const range = white > black ? white - black : Number.POSITIVE_INFINITY;
  for (let y = 0; y < height; y++) {
    const from = (height - 1 - y) * width;
    for (let x = 0; x < width; x++) {
      const part = ((means[from + x] as number) - black) / range;
      const level = part > 0 ? Math.round(255 * curve(Math.min(1, part))) : 0;
      const at = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) data[at + c] = table[3 * level + c] as number;
    }
  }
  return { width, height, channels, data, black, white };
}

function limitsOf(plane: Plane, means: Float32Array, { scale, size }: Look): [number, number] {
  if (scale === 'zscale') {
    const { black, white } = previewPixels(plane, size);
    return [black, white];
  }
  const sorted = means.filter(Number.isFinite).sort();
  const tail = scale === 'percentile' ? Math.floor(TAIL * (sorted.length - 1)) : 0;
  return [sorted[tail] ?? 0, sorted[sorted.length - 1 - tail] ?? 0];
}

/** Means of the finite pixels of blocks of k × k, k the smallest with which both sides are at most `size`. */
function shrink(
  { data, shape }: Plane,
  size: number,
): { means: Float32Array; width: number; height: number } {
  const [ny, nx] = shape;
  const k = Math.max(1, Math.ceil(Math.max(ny, nx) / size));
  const width = Math.max(1, Math.floor(nx / k));
  const height = Math.max(1, Math.floor(ny / k));
  const means = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      let count = 0;
      for (let j = y * k; j < Math.min(y * k + k, ny); j++) {
        for (let i = x * k; i < Math.min(x * k + k, nx); i++) {
          const value = data[j * nx + i] as number;
          if (value - value !== 0) continue;
          sum += value;
          count++;
        }
      }
      means[y * width + x] = count > 0 ? sum / count : Number.NaN;
    }
  }
  return { means, width, height };
}
