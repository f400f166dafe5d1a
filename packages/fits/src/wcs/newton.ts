/**
 * The (u, v) with f(u, v) = (x, y), starting from (x, y), for maps close to the identity.
 *
 * @param unit  a small distance in u and v, for the derivatives
 */
export function newton2(
  f: (u: number, v: number) => readonly [number, number],
  x: number,
  y: number,
  unit: number,
): readonly [number, number] {
  let u = x;
  let v = y;
  let last = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 50; i++) {
    const [fu, fv] = f(u, v);
    const du = x - fu;
    const dv = y - fv;
    const error = Math.abs(du) + Math.abs(dv);
    if (error === 0) return [u, v];
    const h = unit * 1e-3;
    const [uu, vu] = f(u + h, v);
    const [ul, vl] = f(u - h, v);
    const [uv, vv] = f(u, v + h);
    const [ud, vd] = f(u, v - h);
    const a = (uu - ul) / (2 * h);
    const b = (uv - ud) / (2 * h);
    const c = (vu - vl) / (2 * h);
    const d = (vv - vd) / (2 * h);
    const determinant = a * d - b * c;
    const stepU = (d * du - b * dv) / determinant;
    const stepV = (a * dv - c * du) / determinant;
    if (!Number.isFinite(stepU) || !Number.isFinite(stepV)) break;
    // Down to rounding, where a step no longer helps.
    const scale = Math.abs(u) + Math.abs(v) + unit;
    if (error >= last && error <= 1e-13 * scale) return [u, v];
    u += stepU;
    v += stepV;
    if (Math.abs(stepU) + Math.abs(stepV) <= 1e-16 * scale) return [u, v];
    last = error;
  }
  const [fu, fv] = f(u, v);
  const off = Math.abs(x - fu) + Math.abs(y - fv);
  return off <= 1e-12 * (Math.abs(x) + Math.abs(y) + unit) ? [u, v] : [Number.NaN, Number.NaN];
}
