import { asind, sind } from '../trig.ts';
import { type MakeProjection, nowhere } from './projection.ts';

/** HPX, the HEALPix grid with H = PVi_1 facets around and K = PVi_2 rows (Calabretta & Roukema 2007, MNRAS 381, 865). */
export const hpx: MakeProjection = (parameters) => {
  const h = parameters.get(1, 4);
  const k = parameters.get(2, 3);
  if (!(h > 0)) parameters.refuse(1, 'more than 0');
  if (!(k > 0)) parameters.refuse(2, 'more than 0');
  const oddH = Math.floor(h + 0.5) % 2;
  const oddK = Math.floor(k + 0.5) % 2 === 1;
  const transition = (k - 1) / k;
  const equatorial = (90 * k) / h;
  const half = (k + 1) / 2;
  const yTransition = (90 * (k - 1)) / h;
  const facet = 180 / h;
  const yPole = facet * half;
  /** Middle of the facet that holds this longitude. */
  const centre = (x: number) => -180 + (2 * Math.floor((x + 180) * (h / 360)) + 1) * facet;
  /** The southern half facets of even K are shifted by half a facet. */
  const shift = (x: number, fromCentre: number) =>
    (Math.floor(x / facet) + oddH) % 2 ? fromCentre - facet : fromCentre + facet;
  return {
    theta0: 0,
    toNative(x, y, out) {
      const height = Math.abs(y);
      if (height <= yTransition) {
        out[0] = x;
        out[1] = asind(y / equatorial);
        return;
      }
      if (height > yPole) return nowhere(out);
      const sigma = half - height / facet;
      const sinTheta = 1 - (sigma * sigma) / k;
      if (sinTheta < -1) return nowhere(out);
      const theta = sigma === 0 ? 90 : asind(sinTheta);
      let fromCentre = x - centre(x);
      if (!oddK && y <= 0) fromCentre = shift(x, fromCentre);
      const spread = (sigma === 0 ? 1e9 : 1 / sigma) * fromCentre;
      if (Math.abs(spread) >= facet + 1e-12) return nowhere(out);
      out[0] = spread === 0 ? x : x + (spread - fromCentre);
      out[1] = y < 0 ? -theta : theta;
    },
    toPlane(phi, theta, out) {
      const sinTheta = sind(theta);
      const height = Math.abs(sinTheta);
      if (height <= transition) {
        out[0] = phi;
        out[1] = equatorial * sinTheta;
        return;
      }
      const sigma = Math.sqrt(k * (1 - height));
      let fromCentre = phi - centre(phi);
      if (!oddK && theta <= 0) fromCentre = shift(phi, fromCentre);
      const x = phi + fromCentre * (sigma - 1);
      const y = facet * (half - sigma);
      out[0] = x > 180 ? 360 - x : x;
      out[1] = theta < 0 ? -y : y;
    },
  };
};
