import { type Allocator, type Block, createAllocator, PAGE, roundUp } from './allocator.ts';
import { KernelsError } from './errors.ts';
import { hugePages } from './huge-pages.ts';
import type { FlagPlane, FloatPlane, Plane, Shape2 } from './plane.ts';
import { pixelsOf } from './plane.ts';
import { type SharedMemory, WebAssembly } from './webassembly.ts';

const WASM_PAGE = 65536;
const INITIAL_PAGES = 16;
/** Growing in steps keeps the number of (slow) growths small. */
const STEP = 64 * 1024 * 1024;
/** Below stand the tile counter and whatever the module may keep for itself. */
const POOL_START = 2 * WASM_PAGE;
/** Address of the tile counter. */
export const COUNTER = WASM_PAGE;
/** The last page stays unused: the address behind its last byte would wrap to 0 in the kernels' loops. */
const END = 65535 * WASM_PAGE;
const LARGEST = END - POOL_START;

export interface PoolUse {
  /** Cap on the bytes in use, rounded to pages. */
  readonly maxBytes: number;
  readonly usedBytes: number;
  /** Most that was in use at a time. */
  readonly peakBytes: number;
  /** From here on `peakBytes` starts at what is in use. */
  resetPeak(): void;
}

export interface Pool extends PoolUse {
  readonly memory: SharedMemory;
  /** Raw block; `data` is not cleared. */
  block(bytes: number): Block & Disposable & { release(): void };
  float32(shape: Shape2, fill?: number): FloatPlane;
  uint32(shape: Shape2, fill?: number): FlagPlane;
}

/** Frames in one shared WebAssembly memory. The memory grows on demand and is never given back; blocks are reused. */
export const createPool = (maxBytes: number = LARGEST): Pool => {
  const cap = Math.min(Math.floor(maxBytes / PAGE) * PAGE, LARGEST);
  if (!(cap > 0)) throw new KernelsError('BadSpec', `frame pool of ${maxBytes} bytes; give at least ${PAGE}`);
  // Blocks in use may not lie side by side, so the address range may be longer than the cap.
  const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: 65536, shared: true });
  const allocator: Allocator = createAllocator(POOL_START, memory.buffer.byteLength);
  const adviseHugePages = hugePages();
  let usedBytes = 0;
  let peakBytes = 0;

  const grow = (bytes: number): boolean => {
    const missing = roundUp(bytes, PAGE) - allocator.tailBytes;
    const now = memory.buffer.byteLength;
    const least = roundUp(now + missing, WASM_PAGE);
    if (least > END) return false;
    const wanted = Math.min(roundUp(least, STEP), END);
    for (const target of [wanted, least]) {
      try {
        memory.grow((target - now) / WASM_PAGE);
      } catch {
        // The system gives less: try the least that is needed, then report exhaustion.
        continue;
      }
      adviseHugePages(memory.buffer, now, target);
      allocator.extend(memory.buffer.byteLength);
      return true;
    }
    return false;
  };

  const exhausted = (bytes: number): KernelsError =>
    new KernelsError(
      'PoolExhausted',
      `a block of ${bytes} bytes does not fit: ${usedBytes} of ${cap} bytes of the frame pool are in use; release frames or raise maxBytes`,
      { requestedBytes: bytes, maxBytes: cap },
    );

  const block = (bytes: number): Block & Disposable & { release(): void } => {
    const size = roundUp(Math.max(bytes, 1), PAGE);
    if (!Number.isSafeInteger(size)) throw new KernelsError('BadSpec', `block of ${bytes} bytes`);
    if (usedBytes + size > cap) throw exhausted(size);
    const found = allocator.acquire(size) ?? (grow(size) ? allocator.acquire(size) : undefined);
    if (!found) throw exhausted(size);
    usedBytes += size;
    peakBytes = Math.max(peakBytes, usedBytes);
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      usedBytes -= size;
      allocator.release(found);
    };
    return { ...found, release, [Symbol.dispose]: release };
  };

  const plane = <T extends Float32Array | Uint32Array>(
    shape: Shape2,
    dtype: Plane<T>['dtype'],
    view: (buffer: ArrayBufferLike, at: number, n: number) => T,
  ): Plane<T> => {
    const [ny, nx] = shape;
    if (!(Number.isInteger(ny) && Number.isInteger(nx) && ny > 0 && nx > 0)) {
      throw new KernelsError('BadSpec', `frame of shape [${ny}, ${nx}]; both must be positive integers`);
    }
    const held = block(pixelsOf(shape) * 4);
    let released = false;
    const release = (): void => {
      released = true;
      held.release();
    };
    return {
      data: view(memory.buffer, held.start, pixelsOf(shape)),
      ptr: held.start,
      shape: [ny, nx],
      dtype,
      get released() {
        return released;
      },
      release,
      [Symbol.dispose]: release,
    };
  };

  return {
    memory,
    maxBytes: cap,
    get usedBytes() {
      return usedBytes;
    },
    get peakBytes() {
      return peakBytes;
    },
    resetPeak() {
      peakBytes = usedBytes;
    },
    block,
    float32(shape, fill) {
      const made = plane(shape, 'float32', (buffer, at, n) => new Float32Array(buffer, at, n));
      if (fill !== undefined) made.data.fill(fill);
      return made;
    },
    uint32(shape, fill) {
      const made = plane(shape, 'uint32', (buffer, at, n) => new Uint32Array(buffer, at, n));
      if (fill !== undefined) made.data.fill(fill);
      return made;
    },
  };
};
