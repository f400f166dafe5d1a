/** The part of WebAssembly that this room uses: the es2024 library leaves it to the DOM library, which we do not have. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  /** Pages of 65536 bytes. */
  grow(pages: number): number;
}

/** A compiled module; it can be sent to a worker. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: 'WebAssembly.Module';
}

interface Api {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory;
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: unknown };
  validate(bytes: Uint8Array): boolean;
  compile(bytes: Uint8Array): Promise<WasmModule>;
}

export const WebAssembly = (globalThis as unknown as { readonly WebAssembly: Api }).WebAssembly;
