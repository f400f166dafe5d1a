import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Header, type HeaderEntry } from '@iris-drs/fits';
import { writeBandFile } from './bandfile.ts';
import type { Crew } from './crew.ts';
import { frameOf } from './frame.ts';
import { type RampSettings, readTimes, takenOf } from './ramp.ts';

/** What an exposure's header tells beyond its pixels. */
export interface ExposureLabels {
  readonly exposureId: string;
  readonly observationId: string;
  readonly role: 'SCI' | 'SKY';
  readonly object: string;
  readonly filter: string;
  readonly pupil: string;
  /** UTC of the reset of the first ramp, ISO 8601. */
  readonly start: string;
  /** Where the telescope points without offsets, ICRS degrees. */
  readonly pointing: readonly [ra: number, dec: number];
  /** Pixels by which the field has moved on the detector. */
  readonly offset: readonly [dx: number, dy: number];
}

export const PIXEL_SCALE_ARCSEC = 0.004;
/** Pixels between neighbouring detectors of the 2×2 mosaic. */
const MOSAIC_GAP = 128;

const fixed = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Pixel (1-based) where the pointing falls: the middle of the mosaic, beyond the inner corner of each detector. */
function referencePixel({ detector }: RampSettings): [x: number, y: number] {
  const [ny, nx] = detector.shape;
  const quadrant = Number(/^IMG([1-4])$/.exec(detector.detector)?.[1] ?? 0) - 1;
  if (quadrant < 0) return [(nx + 1) / 2, (ny + 1) / 2];
  const inner = (size: number, upper: boolean) =>
    upper ? 0.5 - MOSAIC_GAP / 2 : size + 0.5 + MOSAIC_GAP / 2;
  return [inner(nx, quadrant % 2 === 1), inner(ny, quadrant > 1)];
}

export function worldCoordinates(ramp: RampSettings, labels: ExposureLabels): HeaderEntry[] {
  const [x, y] = referencePixel(ramp);
  const { x: left, y: bottom } = frameOf(ramp);
  const degrees = PIXEL_SCALE_ARCSEC / 3600;
  return [
    ['WCSAXES', 2],
    ['CTYPE1', 'RA---TAN'],
    ['CTYPE2', 'DEC--TAN'],
    ['CUNIT1', 'deg'],
    ['CUNIT2', 'deg'],
    ['CRPIX1', fixed(x + labels.offset[0] - left, 6), 'pixel of the pointing'],
    ['CRPIX2', fixed(y + labels.offset[1] - bottom, 6)],
    ['CRVAL1', labels.pointing[0], '[deg] ICRS'],
    ['CRVAL2', labels.pointing[1], '[deg] ICRS'],
    ['CD1_1', -degrees],
    ['CD1_2', 0],
    ['CD2_1', 0],
    ['CD2_2', degrees],
    ['RADESYS', 'ICRS'],
  ];
}

/** Keywords of what the detector does besides, where it does. */
function effectKeywords({ detector, effects }: RampSettings): HeaderEntry[] {
  const windows = effects?.guideWindows?.windows ?? [];
  return [
    ...(effects || detector.referencePixels
      ? ([['NOUTPUTS', detector.channels, 'outputs side by side along x']] as const)
      : []),
    ...(windows.length > 0 ? ([['SARRMODE', 'ODGW', 'read with guide windows']] as const) : []),
    ...windows.flatMap(({ x, y, nx, ny }, i): HeaderEntry[] => [
      [`ODGWX${i + 1}`, x + 1, 'first column of a guide window on the detector'],
      [`ODGWY${i + 1}`, y + 1, 'first row'],
      [`ODGWNX${i + 1}`, nx, '[pix] width'],
      [`ODGWNY${i + 1}`, ny, '[pix] height'],
    ]),
  ];
}

/** Primary header of the reads of one detector. */
export function rampHeader(ramp: RampSettings, labels: ExposureLabels): Header {
  const { detector } = ramp.detector;
  const { x, y, nx, ny } = frameOf(ramp);
  const taken = takenOf(ramp);
  const ifs = detector === 'IFS';
  const [date = '', time = ''] = labels.start.replace(/Z$/, '').split('T');
  const rampSeconds = readTimes(ramp)[taken.reads - 1]!;
  return Header.from([
    ['TELESCOP', 'TMT', 'telescope'],
    ['INSTRUME', 'IRIS', 'instrument'],
    ['INSTMODE', ifs ? 'SLICER' : 'IMG', ifs ? 'slicer' : 'imager'],
    ['DETECTOR', detector, 'detector'],
    ['FILTER', labels.filter, 'filter'],
    ['PUPIL', labels.pupil, 'pupil'],
    ['SCALE', PIXEL_SCALE_ARCSEC, '[arcsec] pixel scale'],
    ['SUBARRAY', ramp.window ? 'CUSTOM' : 'FULL', 'subarray'],
    ['SUBSTRT1', x + 1],
    ['SUBSTRT2', y + 1],
    ['SUBSIZE1', nx],
    ['SUBSIZE2', ny],
    ['OBS_ID', labels.observationId, 'observation'],
    ['EXPID', labels.exposureId, 'exposure'],
    ['EXPNUM', Number(/-(\d{4})(-\d\d)?$/.exec(labels.exposureId)?.[1] ?? 0), 'exposure number'],
    ['OBJECT', labels.object, 'target'],
    ['OBSTYPE', 'SCI', 'type of observation'],
    ['OBSNAME', `${ifs ? 'SLI' : detector}-${labels.role}`, 'role of the exposure'],
    ...(ifs ? [] : ([['EXP_TYPE', 'IRIS_IMAGE']] as const)),
    ['DATE-OBS', date, 'UTC date of the reset of the first ramp'],
    ['TIME-OBS', time, 'UTC time of the reset of the first ramp'],
    ['EXPTIME', fixed(rampSeconds * taken.ramps, 6), '[s] all ramps together'],
    ['SAMPMODE', 'UTR', 'sampling'],
    ['NREADS', ramp.reads, 'reads in a ramp'],
    ['NGROUPS', ramp.reads, 'groups in a ramp; a read is a group'],
    ['NFRAMES', 1, 'reads averaged into a group'],
    ['NINTS', ramp.ramps, 'ramps'],
    ['TGROUP', ramp.readSeconds, '[s] between reads, and from reset to first read'],
    ['TFRAME', ramp.readSeconds, '[s] between reads'],
    ['XOFFSET', labels.offset[0], '[pix] dither'],
    ['YOFFSET', labels.offset[1], '[pix] dither'],
    ...effectKeywords(ramp),
  ]);
}

/**
 * Writes the reads of one detector: SCI uint16 `[ramps, reads, ny, nx]` in DN, and TIMES `[ramps, reads]` in
 * seconds since the reset of each ramp; after an abort what was taken. The file appears under its name when it is whole.
 */
export async function writeRampFile(
  path: string,
  ramp: RampSettings,
  labels: ExposureLabels,
  crew: Crew,
  onRows?: (done: number, total: number) => void,
): Promise<void> {
  const { nx, ny } = frameOf(ramp);
  const taken = takenOf(ramp);
  const shape = [taken.ramps, taken.reads];
  const times = Float64Array.from(
    Array.from({ length: taken.ramps }, () => readTimes(ramp).slice(0, taken.reads)).flat(),
  );
  mkdirSync(dirname(path), { recursive: true });
  await writeBandFile(
    {
      path,
      hdus: [
        { kind: 'image', shape: [], header: rampHeader(ramp, labels) },
        {
          kind: 'image',
          name: 'SCI',
          version: 1,
          shape: [...shape, ny, nx],
          dtype: 'uint16',
          header: Header.from([['BUNIT', 'DN', 'as read'], ...worldCoordinates(ramp, labels)]),
        },
        {
          kind: 'image',
          name: 'TIMES',
          version: 1,
          shape,
          data: times,
          header: Header.from([['BUNIT', 's', 'since the reset of the ramp']]),
        },
      ],
      filled: [1],
      source: { kind: 'reads', ramp },
      rows: ny,
      rowBytes: ramp.ramps * ramp.reads * nx * 2,
      ...(onRows ? { onRows } : {}),
    },
    crew,
  );
}
