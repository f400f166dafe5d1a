import type { SharedMemory, WasmModule } from './webassembly.ts';

/** Exports of the WebAssembly module (assembly/index.ts). Addresses are bytes; 0 stands for "absent". */
export interface Kernels {
  decodeFloat(src: number, dst: number, n: number, bitpix: number, bscale: number, bzero: number): void;
  decodeFlags(src: number, dst: number, n: number, bitpix: number, bzero: number): void;
  encode(src: number, dst: number, n: number, flip: number, total: number): void;
  sumInt16(...args: number[]): void;
  sumFloat32(...args: number[]): void;
  pairInt16(...args: number[]): void;
  pairFloat32(...args: number[]): void;
  sampleFinish(...args: number[]): void;
  endRamp(...args: number[]): void;
  sumsFinish(...args: number[]): void;
  calibrate(...args: number[]): void;
  preparePixels(...args: number[]): void;
  prepareInt16(...args: number[]): void;
  prepareFloat32(...args: number[]): void;
  subtractDark(x: number, dark: number, n: number): void;
  narrowFlags(src: number, dst: number, n: number): void;
  growSaturation(...args: number[]): void;
  jump(...args: number[]): void;
  spreadJumps(...args: number[]): void;
  flagAfterJumps(...args: number[]): void;
  ols(...args: number[]): void;
  likely(...args: number[]): void;
  tallyFlags(...args: number[]): void;
  fileFlags(flags: number, n: number): void;
  flagRuns(...args: number[]): number;
  subtractPlane(a: number, b: number, sign: number, n: number): void;
  subtractValue(a: number, value: number, n: number): void;
  divideValue(a: number, value: number, n: number): void;
  addFlags(a: number, b: number, n: number): void;
  addFlagValue(a: number, value: number, n: number): void;
  flagNotAbove(a: number, dq: number, lowest: number, flags: number, n: number): void;
  copyGood(a: number, dq: number, mask: number, out: number, n: number): void;
  countGood(dq: number, mask: number, n: number, total: number): void;
  error(out: number, a: number, b: number, c: number, n: number): void;
  histogram(plane: number, dq: number, mask: number, counts: number, bucket: number, n: number): void;
  statistics(plane: number, dq: number, mask: number, out: number, n: number): void;
  combine(...args: number[]): void;
  relativeVariance(v: number, a: number, w: number, b: number, n: number): void;
  multiplySquare(v: number, a: number, n: number): void;
  square(a: number, k: number, n: number): void;
}

/** What a worker thread starts with. */
export interface WorkerStart {
  readonly module: WasmModule;
  readonly memory: SharedMemory;
  readonly worker: number;
  /** Address of the tile counter. */
  readonly counter: number;
}
