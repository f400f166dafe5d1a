import { invalidSetting } from './errors.ts';
import { linearised } from './nonlinearity.ts';
import { fillNormals, nextNormal, nextUniform, randomState } from './random.ts';

/** What one simulated H4RG is like. The numbers are chosen to make errors visible, not to flatter. */
export interface DetectorSettings {
  readonly detector: string;
  /** [ny, nx] pixels. */
  readonly shape: readonly [ny: number, nx: number];
  readonly seed: number;
  /** e-/DN, the value that the scale of reduced frames is defined by. */
  readonly gain: number;
  /** Single read, e-. */
  readonly readNoise: number;
  /** Typical dark current, e-/s. */
  readonly dark: number;
  /** Glow at the edge where the readout circuits sit, e-/s; falls by e every eighth of the detector. */
  readonly glow: number;
  /** Typical bias, DN. */
  readonly bias: number;
  /** Typical full well above the bias, DN as read. */
  readonly fullWell: number;
  /** Typical fraction of the signal that is missing at full well. */
  readonly nonlinearity: number;
  /** Read-out channels side by side, each with its own gain and bias. */
  readonly channels: number;
  /** Fraction of pixels: with a dark current of 1–30 e-/s and not in the mask; of 50–5000 e-/s; without response. */
  readonly warmFraction: number;
  readonly hotFraction: number;
  readonly deadFraction: number;
  /** Width of the border of reference pixels, which collect no charge; 0 without. */
  readonly referencePixels?: number;
}

export const defaultDetector: Omit<DetectorSettings, 'detector' | 'shape' | 'seed'> = {
  gain: 2,
  readNoise: 9,
  dark: 0.5,
  glow: 2,
  bias: 5000,
  fullWell: 55_000,
  nonlinearity: 0.05,
  channels: 64,
  warmFraction: 0.01,
  hotFraction: 1e-3,
  deadFraction: 5e-4,
};

/** Reference pixels and those among them that are too noisy lie in the border only. */
export const PIXEL = { good: 0, warm: 1, hot: 2, dead: 3, reference: 4, badReference: 5 } as const;

/** Noise of a bad reference pixel over that of a good one. */
const BAD_REFERENCE_NOISE = 20;

/** One row of a detector; each array `[nx]`. */
export interface DetectorRow {
  /** e-/DN. */
  readonly gain: Float64Array;
  /** e-/s. */
  readonly dark: Float64Array;
  /** Electrons per photo-electron of the nominal pixel; 1 by median. */
  readonly response: Float64Array;
  /** DN. */
  readonly bias: Float64Array;
  /** Single read, DN. */
  readonly readNoise: Float64Array;
  /** DN above bias as read, where the pixel stops. */
  readonly fullWell: Float64Array;
  /** Coefficients of F; c0 is 0 since a constant factor belongs to the gain. */
  readonly c0: Float64Array;
  readonly c1: Float64Array;
  readonly c2: Float64Array;
  /** 1 where charge is collected, 0 for reference pixels. */
  readonly sensitive: Uint8Array;
  /** One of {@link PIXEL}. */
  readonly kind: Uint8Array;
}

function checkDetector(settings: DetectorSettings): void {
  const [ny, nx] = settings.shape;
  const sized = (n: number) => Number.isInteger(n) && n > 0;
  if (!sized(ny) || !sized(nx))
    throw invalidSetting('shape', `${ny}×${nx}`, 'whole numbers of pixels above 0');
  for (const name of ['gain', 'fullWell', 'channels'] as const)
    if (!(settings[name] > 0)) throw invalidSetting(name, settings[name], 'a number above 0');
  for (const name of ['readNoise', 'dark', 'glow', 'nonlinearity'] as const)
    if (!(settings[name] >= 0)) throw invalidSetting(name, settings[name], 'a number from 0 up');
  const border = settings.referencePixels ?? 0;
  if (!(Number.isInteger(border) && border >= 0 && 2 * border < Math.min(ny, nx)))
    throw invalidSetting('referencePixels', border, 'a whole number of pixels below half the detector');
  if (settings.nonlinearity > 0.3) throw invalidSetting('nonlinearity', settings.nonlinearity, 'at most 0.3');
}

export const newDetectorRow = (nx: number): DetectorRow => ({
  gain: new Float64Array(nx),
  dark: new Float64Array(nx),
  response: new Float64Array(nx),
  bias: new Float64Array(nx),
  readNoise: new Float64Array(nx),
  fullWell: new Float64Array(nx),
  c0: new Float64Array(nx),
  c1: new Float64Array(nx),
  c2: new Float64Array(nx),
  sensitive: new Uint8Array(nx),
  kind: new Uint8Array(nx),
});

interface Channels {
  readonly gain: Float64Array;
  readonly bias: Float64Array;
  readonly width: number;
}

function channelsOf({ seed, detector, shape, channels }: DetectorSettings): Channels {
  const random = randomState(seed, detector, 'channels');
  const gain = new Float64Array(channels);
  const bias = new Float64Array(channels);
  for (let i = 0; i < channels; i++) {
    gain[i] = 1 + 0.01 * nextNormal(random);
    bias[i] = 60 * nextNormal(random);
  }
  return { gain, bias, width: shape[1] / channels };
}

/** Properties of pixels; what is not asked for is not worked out. */
export type PixelProperty = keyof DetectorRow;

const ALL: readonly PixelProperty[] = [
  'gain',
  'dark',
  'response',
  'bias',
  'readNoise',
  'fullWell',
  'c0',
  'c1',
  'c2',
  'sensitive',
  'kind',
];

/**
 * A detector as a function of its row: no plane is ever held, so a 4096² detector costs no more memory
 * than a small one, and rows may be worked out in any order and in any thread. Each property has a random
 * stream of its own.
 */
export function detectorRows(
  settings: DetectorSettings,
  wanted: readonly PixelProperty[] = ALL,
): (y: number, out: DetectorRow) => DetectorRow {
  checkDetector(settings);
  const { seed, detector, shape, nonlinearity, fullWell } = settings;
  const nx = shape[1];
  const channels = channelsOf(settings);
  const wants = (...properties: PixelProperty[]) => properties.some((property) => wanted.includes(property));
  const normals = new Float64Array(nx);
  const each = (property: string, y: number, use: (x: number, normal: number) => void) => {
    fillNormals(randomState(seed, detector, property, y), normals);
    for (let x = 0; x < nx; x++) use(x, normals[x]!);
  };
  const channel = (x: number) => Math.floor(x / channels.width);
  // Two thirds of the missing fraction by the quadratic term, one third by the cubic one, at full well.
  const c1 = ((2 / 3) * nonlinearity) / fullWell;
  const c2 = ((1 / 3) * nonlinearity) / fullWell ** 2;
  return (y, out) => {
    const { gain, dark, response, bias, readNoise } = out;
    if (wants('gain', 'readNoise'))
      each('gain', y, (x, z) => {
        gain[x] = settings.gain * channels.gain[channel(x)]! * (1 + 0.003 * z);
      });
    if (wants('response')) fillResponse(settings, y, response, each);
    if (wants('dark')) {
      const glow = settings.glow * Math.exp((-8 * (y + 0.5)) / shape[0]);
      each('dark', y, (x, z) => {
        dark[x] = settings.dark * Math.exp(0.3 * z) + glow;
      });
    }
    if (wants('bias'))
      each('bias', y, (x, z) => {
        bias[x] = settings.bias + channels.bias[channel(x)]! + 25 * z;
      });
    if (wants('readNoise'))
      each('readNoise', y, (x, z) => {
        readNoise[x] = (settings.readNoise * Math.exp(0.1 * z)) / gain[x]!;
      });
    if (wants('c1'))
      each('c1', y, (x, z) => {
        out.c1[x] = c1 * (1 + 0.1 * z);
      });
    if (wants('c2'))
      each('c2', y, (x, z) => {
        out.c2[x] = c2 * (1 + 0.1 * z);
      });
    if (wants('fullWell'))
      each('fullWell', y, (x, z) => {
        out.fullWell[x] = fullWell * (1 + 0.01 * z);
      });
    if (wants('kind', 'dark', 'response', 'readNoise', 'sensitive')) {
      spoil(settings, y, out);
      frameWithReferences(settings, y, out);
    }
    return out;
  };
}

/** Whether a pixel of the whole detector lies in the border of reference pixels. */
export const isReferencePixel = ({ shape, referencePixels = 0 }: DetectorSettings, x: number, y: number) =>
  x < referencePixels ||
  y < referencePixels ||
  x >= shape[1] - referencePixels ||
  y >= shape[0] - referencePixels;

/** Pixels of the border have no response and no dark current; as many as are hot elsewhere are too noisy. */
function frameWithReferences(settings: DetectorSettings, y: number, out: DetectorRow): void {
  out.sensitive.fill(1);
  if (!settings.referencePixels) return;
  for (let x = 0; x < out.kind.length; x++) {
    if (!isReferencePixel(settings, x, y)) continue;
    const bad = out.kind[x] === PIXEL.hot;
    out.kind[x] = bad ? PIXEL.badReference : PIXEL.reference;
    out.sensitive[x] = 0;
    out.response[x] = 0;
    out.dark[x] = 0;
    if (bad) out.readNoise[x]! *= BAD_REFERENCE_NOISE;
  }
}

type Each = (property: string, y: number, use: (x: number, normal: number) => void) => void;

/** Large-scale illumination and the pixels' own response. */
function fillResponse({ shape }: DetectorSettings, y: number, response: Float64Array, each: Each): void {
  const [ny, nx] = shape;
  const v = (y + 0.5) / ny - 0.5;
  const wave = 0.06 * Math.cos(4 * v);
  each('response', y, (x, z) => {
    const u = (x + 0.5) / nx - 0.5;
    const largeScale = 1 + wave * Math.sin(5 * u + 1) - 0.08 * (u * u + v * v - 1 / 6);
    response[x] = largeScale * (1 + 0.01 * z);
  });
}

/** Warm, hot and dead pixels. */
function spoil({ seed, detector, ...settings }: DetectorSettings, y: number, out: DetectorRow): void {
  const random = randomState(seed, detector, 'kind', y);
  const [hot, dead, warm] = [settings.hotFraction, settings.deadFraction, settings.warmFraction];
  for (let x = 0; x < out.kind.length; x++) {
    const lot = nextUniform(random);
    out.kind[x] = PIXEL.good;
    if (lot >= hot + dead + warm) continue;
    const share = nextUniform(random);
    if (lot < hot) {
      out.kind[x] = PIXEL.hot;
      out.dark[x]! += 50 * 100 ** share;
    } else if (lot < hot + dead) {
      out.kind[x] = PIXEL.dead;
      out.response[x] = 0.02 * share;
    } else {
      out.kind[x] = PIXEL.warm;
      out.dark[x]! += 30 ** share;
    }
  }
}

/** Linear signal at full well, DN above bias. */
export const wellSignal = (row: DetectorRow, x: number): number =>
  linearised(row.fullWell[x]!, row.c0[x]!, row.c1[x]!, row.c2[x]!);
