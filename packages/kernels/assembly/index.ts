export { decodeFloat, decodeFlags, encode } from "./decode";
export { sumInt16, sumFloat32, pairInt16, pairFloat32, sampleFinish, endRamp, sumsFinish } from "./sample";
export { calibrate } from "./calibrate";
export {
  subtractPlane,
  subtractValue,
  divideValue,
  addFlags,
  addFlagValue,
  flagNotAbove,
  copyGood,
  countGood,
  error,
} from "./arithmetic";
export { histogram } from "./quantiles";
export { statistics } from "./statistics";
export { combine } from "./combine";
export { relativeVariance, multiplySquare, square } from "./relative";
export { preparePixels, prepareInt16, prepareFloat32, subtractDark, narrowFlags } from "./prepare";
export { growSaturation } from "./saturation";
export { jump, spreadJumps, flagAfterJumps } from "./jump";
export { ols } from "./ols";
export { tallyFlags, fileFlags } from "./tally";
export { likely } from "./likely";
export { flagRuns } from "./events";
