import type { HeaderEntry } from '../header.ts';
import { WcsError } from './errors.ts';
import type { Polynomial } from './sip.ts';
import { partsOf, type Wcs } from './wcs.ts';

/**
 * Header entries that describe a coordinate system of gnomonic (TAN, TAN-SIP), linear and logarithmic axes. Coordinates
 * are in the units of `wcs.axes`; `parseWcs` of the entries gives the same transformation.
 *
 * @throws WcsError UNSUPPORTED for other axes
 */
export function writeWcs(wcs: Wcs): HeaderEntry[] {
  const parts = partsOf(wcs);
  if (!parts) throw new WcsError('ARGUMENT', 'this coordinate system was not made by parseWcs');
  const { crpix, crval, linear, sip, celestial, types } = parts;
  const size = crpix.length;
  const code = wcs.alternate;
  const other = types.axes.findIndex(({ algorithm }) => !['linear', 'log', 'celestial'].includes(algorithm));
  if (other >= 0 || (celestial && !celestial.plainTan)) {
    const axis = other >= 0 ? other : (celestial?.longitude ?? 0);
    const ctype = wcs.axes[axis]?.ctype;
    throw new WcsError(
      'UNSUPPORTED',
      `axes of type '${ctype}' cannot be written, only TAN, linear and logarithmic ones`,
    );
  }
  if (sip && code !== '')
    throw new WcsError('UNSUPPORTED', 'SIP coefficients can be written for the primary description only');

  const entries: HeaderEntry[] = [[`WCSAXES${code}`, size, 'number of coordinate axes']];
  wcs.axes.forEach(({ ctype, unit, name }, i) => {
    const suffix = sip && types.axes[i]?.algorithm === 'celestial' ? '-SIP' : '';
    entries.push([`CTYPE${i + 1}${code}`, ctype + suffix]);
    if (unit !== '') entries.push([`CUNIT${i + 1}${code}`, unit]);
    if (name !== '') entries.push([`CNAME${i + 1}${code}`, name]);
    entries.push([`CRPIX${i + 1}${code}`, crpix[i] as number, '[pixel] 1-based']);
    entries.push([`CRVAL${i + 1}${code}`, crval[i] as number]);
  });
  for (let k = 0; k < size * size; k++) {
    const cell = linear.matrix[k] as number;
    const diagonal = k % (size + 1) === 0;
    if (cell !== 0 || diagonal)
      entries.push([`CD${Math.floor(k / size) + 1}_${(k % size) + 1}${code}`, cell]);
  }
  if (celestial) {
    entries.push([`LONPOLE${code}`, celestial.rotation.phiP, '[deg] native longitude of the celestial pole']);
    entries.push([
      `LATPOLE${code}`,
      celestial.rotation.deltaP,
      '[deg] celestial latitude of the native pole',
    ]);
  }
  const { radesys, equinox, specsys, restFrequency, restWavelength, name } = wcs.frame;
  const optional: readonly (readonly [string, string | number | undefined])[] = [
    ['WCSNAME', name],
    ['RADESYS', radesys],
    ['EQUINOX', equinox],
    ['SPECSYS', specsys],
    ['RESTFRQ', restFrequency],
    ['RESTWAV', restWavelength],
  ];
  for (const [keyword, value] of optional) if (value !== undefined) entries.push([keyword + code, value]);
  if (sip) entries.push(...polynomial('A', sip.a), ...polynomial('B', sip.b));
  return entries;
}

function polynomial(letter: 'A' | 'B', { order, coefficients }: Polynomial): HeaderEntry[] {
  const entries: HeaderEntry[] = [[`${letter}_ORDER`, order, 'SIP distortion']];
  coefficients.forEach((value, k) => {
    const p = Math.floor(k / (order + 1));
    if (value !== 0) entries.push([`${letter}_${p}_${k % (order + 1)}`, value]);
  });
  return entries;
}
