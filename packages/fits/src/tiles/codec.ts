import { CODECS } from '../gen/codecs.ts';

/** Exports of assembly/index.ts. Addresses are bytes; results below 0 are failures. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  reserve(end: number): number;
  riceDecode8(start: number, end: number, out: number, n: number, block: number, flip: number): number;
  riceDecode16(start: number, end: number, out: number, n: number, block: number, flip: number): number;
  riceDecode32(start: number, end: number, out: number, n: number, block: number, flip: number): number;
  riceEncode8(from: number, n: number, out: number, block: number, flip: number, scratch: number): number;
  riceEncode16(from: number, n: number, out: number, block: number, flip: number, scratch: number): number;
  riceEncode32(from: number, n: number, out: number, block: number, flip: number, scratch: number): number;
  hdecompress(
    start: number,
    end: number,
    out: number,
    ny: number,
    nx: number,
    smooth: number,
    wide: number,
    scratch: number,
  ): number;
}

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/** The kernels with memory of their own, for one reader or writer at a time. */
export interface Codec extends Exports {
  /** Where free memory begins. */
  readonly base: number;
}

/** Kernels that grew beyond this are not kept. */
const KEPT_BYTES = 64 << 20;
const BASE = 1 << 12;

let module: object | undefined;
const idle: Codec[] = [];

/** Kernels to use until `releaseCodec`; undefined where WebAssembly is missing or forbidden. */
export function acquireCodec(): Codec | undefined {
  const kept = idle.pop();
  if (kept) return kept;
  const api = (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;
  if (!api) return undefined;
  try {
    module ??= new api.Module(Uint8Array.from(atob(CODECS), (c) => c.charCodeAt(0)));
    const exports = new api.Instance(module).exports as Exports;
    return { ...exports, base: BASE };
  } catch {
    // A page's content security policy may forbid compiling.
    return undefined;
  }
}

export function releaseCodec(codec: Codec | undefined): void {
  if (codec && codec.memory.buffer.byteLength <= KEPT_BYTES && idle.length < 4) idle.push(codec);
}
