/**
 * A spherical projection: native spherical coordinates (φ, θ) to the plane of projection (x, y), all in degrees
 * (Calabretta & Greisen 2002, A&A 395, 1077: "Paper II"). Points without a counterpart give NaN.
 */
export interface Projection {
  /** Native latitude of the point that lies at (0, 0); its longitude is 0. */
  readonly theta0: number;
  /** (x, y) to (φ, θ), written to `out` */
  toNative(x: number, y: number, out: Float64Array): void;
  /** (φ, θ) to (x, y), written to `out` */
  toPlane(phi: number, theta: number, out: Float64Array): void;
}

/** The parameters PVi_m on the latitude axis. */
export interface Parameters {
  /** PVi_m, or what stands for it when it is absent. */
  get(m: number, missing: number): number;
  /** PVi_m of a projection that means nothing without it. */
  need(m: number): number;
  /** The largest m present whose value is not 0, or -1. */
  readonly highest: number;
  /** Refuse the value of PVi_m. */
  refuse(m: number, expected: string): never;
}

export type MakeProjection = (parameters: Parameters) => Projection;

/** No solution. */
export function nowhere(out: Float64Array): void {
  out[0] = Number.NaN;
  out[1] = Number.NaN;
}

/** The same projection, with native coordinates kept within the sphere: over the edge by rounding is on the edge, further out is nowhere. */
export function withinSphere(projection: Projection, tolerance: number): Projection {
  const { toNative } = projection;
  return {
    ...projection,
    toNative(x, y, out) {
      toNative(x, y, out);
      const phi = out[0] as number;
      const theta = out[1] as number;
      if (Math.abs(phi) <= 180 && Math.abs(theta) <= 90) return;
      if (!(Math.abs(phi) <= 180 + tolerance && Math.abs(theta) <= 90 + tolerance)) return nowhere(out);
      out[0] = Math.max(-180, Math.min(180, phi));
      out[1] = Math.max(-90, Math.min(90, theta));
    },
  };
}
