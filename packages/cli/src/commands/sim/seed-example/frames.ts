import { Header, type ImageHdu } from '@iris-drs/fits';

/** Seconds of every exposure of the example. */
const EXPOSURE_SECONDS = 100;
/** e-/DN */
const GAIN = 3;
/** DN, of a frame. */
const READ_NOISE = 4;
/** The dark is as large as the signal, so that one that is subtracted twice, or not at all, shows. */
const DARK_DN = 5000;
const STARS = 30;

/** A generator of uniform numbers (mulberry32) made into Gaussian ones (Marsaglia's polar method). */
const noiseOf = (seed: number): { uniform(): number; gaussian(): number } => {
  let state = seed >>> 0;
  let spare: number | undefined;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const gaussian = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const a = 2 * uniform() - 1;
      const b = 2 * uniform() - 1;
      const r = a * a + b * b;
      if (r >= 1 || r === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(r)) / r);
      spare = b * scale;
      return a * scale;
    }
  };
  return { uniform, gaussian };
};

/** Light of each pixel, DN, and how far the response and the dark of the pixel are from the usual. */
type Light = (x: number, y: number) => number;

export interface SeedFrame {
  readonly file: string;
  readonly hdus: readonly ImageHdu[];
}

const headerOf = (obstype: string, obsname: string): Header =>
  Header.from([
    ['TELESCOP', 'TMT', 'telescope'],
    ['INSTRUME', 'IRIS', 'instrument'],
    ['DETECTOR', 'IRIS1', 'detector'],
    ['FILTER', 'K', 'filter'],
    ['PUPIL', 'CLEAR', 'pupil'],
    ['SUBARRAY', 'FULL', 'subarray'],
    ['EXP_TYPE', 'IRIS_IMAGE', 'type of exposure'],
    ['OBSTYPE', obstype, 'type of observation'],
    ['OBSNAME', obsname, 'name of the observation'],
    ['DATE-OBS', '2019-10-04', 'UTC date of the exposure'],
    ['TIME-OBS', '17:00:00.000', 'UTC time of the exposure'],
    ['EXPTIME', EXPOSURE_SECONDS, '[s] exposure time'],
    ['GAIN', GAIN, '[e-/DN] gain'],
    ['DATAMODL', 'IRISImageModel', 'type of data model'],
  ]);

const starLight = (size: number, uniform: () => number): Light => {
  const stars = Array.from({ length: STARS }, () => ({
    x: uniform() * size,
    y: uniform() * size,
    peak: 500 + 8000 * uniform() ** 3,
  }));
  const radius = 12;
  const added = new Map<number, number>();
  for (const { x, y, peak } of stars) {
    for (let j = Math.max(0, Math.ceil(y - radius)); j <= Math.min(size - 1, y + radius); j++) {
      for (let i = Math.max(0, Math.ceil(x - radius)); i <= Math.min(size - 1, x + radius); i++) {
        const value = peak * Math.exp(-((i - x) ** 2 + (j - y) ** 2) / (2 * 2 ** 2));
        added.set(j * size + i, (added.get(j * size + i) ?? 0) + value);
      }
    }
  }
  return (x, y) => added.get(y * size + x) ?? 0;
};

/**
 * Frames of the example, one after the other so that only one is held: the dark reference, the flat lamp, the
 * science frame with stars on a sky, the same sky, and so many dark exposures. Pixels in DN with ERR; response and
 * dark differ from pixel to pixel.
 */
export function* seedFrames(size: number, seed: number, darks = 0): Generator<SeedFrame> {
  const pattern = noiseOf(seed);
  const response = new Float32Array(size * size);
  const darkLevel = new Float32Array(size * size);
  for (let i = 0; i < response.length; i++) {
    response[i] = Math.max(0.3, 1 + 0.05 * pattern.gaussian());
    darkLevel[i] = Math.max(0, DARK_DN * (1 + 0.2 * pattern.gaussian()));
  }
  const expose = (light: Light, salt: number, reads = 1): { sci: Float32Array; err: Float32Array } => {
    const noise = noiseOf(seed + salt);
    const sci = new Float32Array(size * size);
    const err = new Float32Array(size * size);
    for (let y = 0, i = 0; y < size; y++) {
      for (let x = 0; x < size; x++, i++) {
        const level = light(x, y) * response[i]! + darkLevel[i]!;
        const sigma = Math.sqrt((level / GAIN + READ_NOISE ** 2) / reads);
        sci[i] = level + sigma * noise.gaussian();
        err[i] = sigma;
      }
    }
    return { sci, err };
  };
  const frame = (file: string, header: Header, { sci, err }: ReturnType<typeof expose>): SeedFrame => {
    const unit = Header.from([['BUNIT', 'DN', 'physical unit of the pixels']]);
    const shape = [size, size];
    return {
      file,
      hdus: [
        { kind: 'image', header, shape: [], dtype: 'uint8' },
        { kind: 'image', name: 'SCI', header: unit, shape, data: sci },
        { kind: 'image', name: 'ERR', header: unit.clone(), shape, data: err },
      ],
    };
  };
  const vignetted: Light = (x, y) =>
    20000 * (1 - 0.2 * (((x / size - 0.5) ** 2 + (y / size - 0.5) ** 2) / 0.5));
  const sky: Light = (_x, y) => 800 + (100 * y) / size;
  const stars = starLight(size, pattern.uniform);
  const reference = headerOf('CAL', 'IMG1-DRK')
    .set('REFTYPE', 'DARK', 'type of reference')
    .set('USEAFTER', '1900-01-01T00:00:00', 'serves exposures from then on')
    .set('PEDIGREE', 'SIMULATION', 'where its data come from')
    .set('AUTHOR', 'iris-drs simulator', 'made by')
    .set('DESCRIP', 'dark current', 'content');
  yield frame(
    'tmt_iris_dark_0001.fits',
    reference,
    expose(() => 0, 1, 10),
  );
  yield frame('raw_flat_frame_cal.fits', headerOf('CAL', 'IMG1-NFF'), expose(vignetted, 2));
  yield frame(
    'raw_science_frame_sci.fits',
    headerOf('SCI', 'IMG1-SCI'),
    expose((x, y) => stars(x, y) + sky(x, y), 3),
  );
  yield frame('raw_background_frame_cal.fits', headerOf('SCI', 'IMG1-SKY'), expose(sky, 4));
  for (let k = 1; k <= darks; k++) {
    const name = `raw_dark_frame_${k}_cal.fits`;
    yield frame(
      name,
      headerOf('CAL', 'IMG1-DRK'),
      expose(() => 0, 10 + k),
    );
  }
}
