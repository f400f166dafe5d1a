export interface Block {
  readonly start: number;
  readonly bytes: number;
}

export interface Allocator {
  /** First fit; undefined when no free block is long enough. Sizes are rounded up to pages. */
  acquire(bytes: number): Block | undefined;
  release(block: Block): void;
  /** Moves the end up; never down. */
  extend(end: number): void;
  /** Free bytes that touch the end: what an extension can build on. */
  readonly tailBytes: number;
  readonly end: number;
}

export const PAGE = 4096;

export const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

/** First-fit allocator with merging of free neighbours over the address range [start, end). */
export const createAllocator = (start: number, initialEnd: number): Allocator => {
  let end = initialEnd;
  // Sorted by address, never touching each other.
  const free: { start: number; end: number }[] = end > start ? [{ start, end }] : [];

  const put = (from: number, to: number): void => {
    let i = free.findIndex((gap) => gap.start > from);
    if (i < 0) i = free.length;
    const before = free[i - 1];
    const after = free[i];
    if (before?.end === from) {
      before.end = to;
      if (after?.start === to) {
        before.end = after.end;
        free.splice(i, 1);
      }
    } else if (after?.start === to) after.start = from;
    else free.splice(i, 0, { start: from, end: to });
  };

  return {
    acquire(bytes) {
      const size = roundUp(Math.max(bytes, 1), PAGE);
      const i = free.findIndex((gap) => gap.end - gap.start >= size);
      const gap = free[i];
      if (!gap) return undefined;
      const block = { start: gap.start, bytes: size };
      gap.start += size;
      if (gap.start === gap.end) free.splice(i, 1);
      return block;
    },
    release: (block) => put(block.start, block.start + block.bytes),
    extend(to) {
      if (to <= end) return;
      put(end, to);
      end = to;
    },
    get tailBytes() {
      const last = free.at(-1);
      return last?.end === end ? end - last.start : 0;
    },
    get end() {
      return end;
    },
  };
};
