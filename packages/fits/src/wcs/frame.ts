import type { AxisTypes } from './axes.ts';
import type { WcsKeywords } from './keywords.ts';

/** What the coordinates refer to; kept, not acted upon. */
export interface WcsFrame {
  readonly name?: string;
  /** RADESYS, ICRS, FK5 or FK4 by the rules of Paper II where it is absent; only with equatorial or ecliptic axes. */
  readonly radesys?: string;
  readonly equinox?: number;
  readonly specsys?: string;
  /** Hz */
  readonly restFrequency?: number;
  /** m */
  readonly restWavelength?: number;
}

export function frameOf({ single }: WcsKeywords, types: AxisTypes): WcsFrame {
  const text = (key: string) => single.get(key) as string | undefined;
  const number = (key: string) => single.get(key) as number | undefined;
  const name = text('WCSNAME');
  const specsys = text('SPECSYS') ?? types.specsys;
  const restFrequency = number('RESTFRQ');
  const restWavelength = number('RESTWAV');
  return {
    ...(name && { name }),
    ...celestialFrame(types, text('RADESYS'), number('EQUINOX')),
    ...(specsys && { specsys }),
    ...(restFrequency && { restFrequency }),
    ...(restWavelength && { restWavelength }),
  };
}

/** Paper II table 2 and §3.1: only equatorial and ecliptic coordinates have an equinox. */
function celestialFrame(
  { axes }: AxisTypes,
  radesys: string | undefined,
  equinox: number | undefined,
): Partial<WcsFrame> {
  if (!axes.some(({ name }) => /^(RA|ELON|HLON)$/.test(name))) return {};
  const system = radesys || (equinox === undefined ? 'ICRS' : equinox < 1984 ? 'FK4' : 'FK5');
  if (system === 'ICRS' || system === 'GAPPT') return { radesys: system };
  const usual = system === 'FK5' ? 2000 : system.startsWith('FK4') ? 1950 : undefined;
  const year = equinox ?? usual;
  return { radesys: system, ...(year !== undefined && { equinox: year }) };
}
