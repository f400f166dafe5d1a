import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { combine } from '../src/combine.ts';
import { KernelsError } from '../src/index.ts';
import { COUNTER, createPool } from '../src/pool.ts';
import { compileModule, startTeam } from '../src/team.ts';

const MiB = 2 ** 20;
const caught = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return error;
  }
};

it('refuses what exceeds its cap with a typed error and takes it after a release', () => {
  const pool = createPool(4 * MiB);
  const first = pool.float32([1024, 512]);
  pool.float32([512, 512]);
  const error = caught(() => pool.float32([1024, 512]));
  expect(error).toBeInstanceOf(KernelsError);
  expect(error).toMatchObject({ code: 'PoolExhausted', requestedBytes: 2 * MiB, maxBytes: 4 * MiB });
  expect(pool.usedBytes).toBe(3 * MiB);
  first.release();
  expect(pool.float32([1024, 512]).ptr).toBe(first.ptr);
  expect(pool.peakBytes).toBe(3 * MiB);
  first.release();
  pool.resetPeak();
  expect(pool.peakBytes).toBe(pool.usedBytes);
});

it('grows its memory under frames in use without moving or changing them', () => {
  const pool = createPool();
  const early = pool.float32([100, 100], 7);
  const large = pool.uint32([3000, 3000], 9);
  expect(early.data.every((v) => v === 7)).toBe(true);
  early.data[5] = 8;
  expect(new Float32Array(pool.memory.buffer, early.ptr, 6)[5]).toBe(8);
  expect(large.data.at(-1)).toBe(9);
});

it('counts a frame released twice once', () => {
  const pool = createPool();
  const frame = pool.float32([8, 8]);
  const other = pool.float32([8, 8]);
  frame.release();
  frame.release();
  expect(frame.released).toBe(true);
  expect(pool.usedBytes).toBe(4096);
  {
    using scoped = pool.float32([8, 8]);
    expect(scoped.ptr).toBe(frame.ptr);
  }
  expect(pool.usedBytes).toBe(4096);
  other.release();
  expect(pool.usedBytes).toBe(0);
});

it.each([[[0, 5]], [[3, 2.5]], [[-1, 4]]] as const)('refuses a frame of shape %j', (shape) => {
  expect(caught(() => createPool().float32(shape))).toMatchObject({ code: 'BadSpec' });
});

it('reaches frames beyond 2 GiB', async () => {
  // The block below is never touched, so it takes addresses but no memory.
  const pool = createPool();
  const below = pool.block(2.5 * 2 ** 30);
  const team = startTeam(await compileModule(), pool.memory, 2, COUNTER);
  const [a, b] = [pool.float32([50, 1000], 3), pool.float32([50, 1000], 5)];
  expect(a.ptr).toBeGreaterThan(2 ** 31);
  const result = await combine({ pool, team, settled: async () => {} }, [a, b], {
    method: 'mean',
    variances: [[b, b]],
  });
  expect(result.value.data.every((v) => v === 4)).toBe(true);
  expect(result.variances[0]!.data.every((v) => v === 2.5)).toBe(true);
  below.release();
  await team.close();
});

it('asks for pages of 2 MB where the kernel has them', () => {
  // "hg" is what the kernel makes of MADV_HUGEPAGE, whether or not it has such pages to give.
  const asked = (): number => {
    let [range, bytes] = [0, 0];
    for (const line of readFileSync('/proc/self/smaps', 'utf8').split('\n')) {
      const kilobytes = /^Size: +(\d+) kB/.exec(line)?.[1];
      if (kilobytes) range = Number(kilobytes) * 1024;
      if (/^VmFlags:.* hg( |$)/.test(line)) bytes += range;
    }
    return bytes;
  };
  const before = asked();
  using plane = createPool().float32([4096, 4096]);
  expect(plane.released).toBe(false);
  const has = existsSync('/sys/kernel/mm/transparent_hugepage');
  expect(asked() - before).toBeGreaterThanOrEqual(has ? 64 * MiB : 0);
});
