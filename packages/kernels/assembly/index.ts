export { decodeFloat, decodeFlags, encode } from "./decode";
export { sampleInt16, sampleFloat32, sampleFinish } from "./sample";
export { calibrate } from "./calibrate";
export { subtractPlane, subtractValue, divideValue, addFlags, addFlagValue, error } from "./arithmetic";
export { histogram } from "./quantiles";
export { statistics } from "./statistics";
export { combine } from "./combine";
export { relativeVariance, multiplySquare, square } from "./relative";
