/** Pseudo-random numbers in [0, 1), of float32, the same as in test/references/calib_numpy.py. */
export const uniform = (index: number, plane: number): number => {
  let bits = (Math.imul(index, 2654435761) + Math.imul(plane, 1013904223)) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 15), 2246822519) >>> 0;
  return Math.fround(bits / 2 ** 32);
};
