import { describe, expect, it } from 'vitest';
import { type Block, createAllocator, PAGE } from '../src/allocator.ts';
import { uniform } from './support.ts';

const overlap = (a: Block, b: Block): boolean => a.start < b.start + b.bytes && b.start < a.start + a.bytes;

describe('allocator', () => {
  it.each([1, 2, 3, 4, 5])(
    'keeps blocks apart, aligned and inside, and merges what comes back (seed %i)',
    (seed) => {
      const random = uniform(seed);
      const start = 2 * PAGE;
      const allocator = createAllocator(start, 100 * PAGE);
      const held: Block[] = [];
      let refused = 0;
      for (let step = 0; step < 3000; step++) {
        if (step === 1500) allocator.extend(160 * PAGE);
        if (random() < 0.55) {
          const bytes = Math.ceil(random() * 12 * PAGE);
          const block = allocator.acquire(bytes);
          if (!block) {
            refused++;
            continue;
          }
          expect(block.start % PAGE).toBe(0);
          expect(block.bytes).toBeGreaterThanOrEqual(bytes);
          expect(block.start).toBeGreaterThanOrEqual(start);
          expect(block.start + block.bytes).toBeLessThanOrEqual(allocator.end);
          expect(held.some((other) => overlap(block, other))).toBe(false);
          held.push(block);
        } else if (held.length > 0) {
          const [block] = held.splice(Math.floor(random() * held.length), 1);
          allocator.release(block!);
        }
      }
      expect(refused).toBeGreaterThan(0);
      for (const block of held) allocator.release(block);
      expect(allocator.tailBytes).toBe(allocator.end - start);
      expect(allocator.acquire(allocator.end - start)?.start).toBe(start);
    },
  );

  it('reuses the first gap that fits', () => {
    const allocator = createAllocator(0, 10 * PAGE);
    const [a, b] = [allocator.acquire(PAGE)!, allocator.acquire(PAGE)!];
    allocator.release(a);
    expect(allocator.acquire(2 * PAGE)!.start).toBe(2 * PAGE);
    expect(allocator.acquire(1)).toEqual(a);
    expect(b.start).toBe(PAGE);
  });
});
