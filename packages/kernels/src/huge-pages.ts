import { createRequire } from 'node:module';

/** Linux, <asm-generic/mman-common.h>. */
const MADV_HUGEPAGE = 14;

type Madvise = (address: Uint8Array, bytes: number, advice: number) => number;

/** A call of the system that Node does not have; undefined where there is no such thing. */
const load = (): Madvise | undefined => {
  if (process.platform !== 'linux') return undefined;
  try {
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
    return koffi.load(null).func('int madvise(void *address, size_t bytes, int advice)');
  } catch {
    return undefined;
  }
};

let madvise: Madvise | undefined | null = null;

/**
 * Asks for pages of 2 MB instead of 4 kB, as numpy does for large arrays: first touches and direct writes then take a
 * fifth less time. The system may refuse, pixels are the same.
 *
 * @param from  byte of the memory, on a boundary of WebAssembly pages
 */
export const adviseHugePages = (memory: ArrayBufferLike, from: number, to: number): void => {
  if (madvise === null) madvise = load();
  madvise?.(new Uint8Array(memory, from, to - from), to - from, MADV_HUGEPAGE);
};
