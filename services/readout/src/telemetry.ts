import type { RampModel, Sampling } from '@iris-drs/datamodels';
import type { FitsValue, Header } from '@iris-drs/fits';

/** A keyword of the telemetry snapshot. */
export interface TelemetryKeyword {
  readonly name: string;
  readonly value: FitsValue;
  readonly comment: string;
}

/** World coordinates: they describe the pixels, so they belong to the extension that holds them. */
const COORDINATES = /^(CTYPE|CRPIX|CRVAL|CUNIT|CDELT|CROTA)[12]$|^(CD|PC)[12]_[12]$|^RADE(C?)SYS$|^EQUINOX$/;

/**
 * Telemetry keywords into the headers of a frame; what the reads themselves say stands. World coordinates are taken
 * whole or not at all: those of the reads and those of the telescope need not agree.
 */
export const addTelemetry = (
  { header, sciHeader }: { readonly header: Header; readonly sciHeader: Header },
  keywords: readonly TelemetryKeyword[],
): void => {
  const located = sciHeader.has('CTYPE1');
  for (const { name, value, comment } of keywords) {
    if (header.has(name) || sciHeader.has(name)) continue;
    if (!COORDINATES.test(name)) header.set(name, value, comment);
    else if (!located) sciHeader.set(name, value, comment);
  }
};

const METHODS: Readonly<Record<string, Sampling['method']>> = {
  CDS: 'cds',
  MCDS: 'mcds',
  MDS: 'mcds',
  UTR: 'utr',
};

/** How the detector was run. */
export interface DetectorSettings {
  readonly sampling?: Sampling;
  /** e-/DN */
  readonly gain?: number;
  /** Of a single read, electrons. */
  readonly readNoise?: number;
}

/** A keyword's value, where that is a number above 0. */
export const positive = (header: Header, keyword: string): number | undefined => {
  const value = header.get(keyword);
  return typeof value === 'number' && value > 0 ? value : undefined;
};

/**
 * Settings of the detector: what the header of the reads says, else telemetry (SAMPMODE and NUMREADS of
 * IRIS.is.…ObserveSettings, GAIN and READNOIS of the detectors' systemConf), which is in `header` by now.
 *
 * NUMREADS counts the reads averaged at each end, for MDS; ones that do not fit into the ramp twice mean
 * something else (all reads of a ramp) and are not used.
 */
export const settingsOf = (
  ramp: Pick<RampModel, 'gain' | 'readNoise' | 'sampling' | 'times'>,
  header: Header,
): DetectorSettings => {
  const gain = ramp.gain ?? positive(header, 'GAIN');
  const readNoise = ramp.readNoise ?? positive(header, 'READNOIS');
  const method = ramp.sampling?.method ?? METHODS[String(header.get('SAMPMODE')).trim().toUpperCase()];
  const given = ramp.sampling?.reads ?? positive(header, 'NUMREADS');
  const shortest = Math.min(...ramp.times.map((times) => times.length));
  const reads = given !== undefined && 2 * given <= shortest ? given : undefined;
  const sampling = method && { method, ...(method === 'mcds' && reads !== undefined ? { reads } : {}) };
  return {
    ...(sampling ? { sampling } : {}),
    ...(gain === undefined ? {} : { gain }),
    ...(readNoise === undefined ? {} : { readNoise }),
  };
};
