import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '@iris-drs/kernels';
import { afterAll, describe, expect, it } from 'vitest';
import { createReferenceCache, withRoom } from '../src/index.ts';

const shape = [256, 256] as const;
const PLANE = 256 * 256 * 4;
const engine = await openEngine({ threads: 1, maxBytes: 4 * PLANE });
const directory = mkdtempSync(join(tmpdir(), 'drs-memory-'));
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await engine.close();
});

const cache = createReferenceCache(8);
/** A reference of two planes that nobody uses any more. */
const idleReference = async (name: string): Promise<void> => {
  writeFileSync(join(directory, name), '');
  const lease = await cache.lease(join(directory, name), async () => {
    const planes = [engine.float32(shape), engine.float32(shape)];
    return {
      close() {
        for (const plane of planes) plane.release();
      },
    };
  });
  lease[Symbol.dispose]();
};
/** Needs three planes at once. */
const work = async (): Promise<string> => {
  using held = new DisposableStack();
  for (let i = 0; i < 3; i++) held.use(engine.float32(shape));
  return 'done';
};

describe('a full frame pool', () => {
  it('makes references go that nobody uses', async () => {
    await idleReference('dark');
    expect(await withRoom(cache, work)).toBe('done');
    expect(engine.pool.usedBytes).toBe(0);
  });

  it('is an error worth another attempt when frames in hand fill it', async () => {
    await idleReference('dark');
    using _frames = (() => {
      const held = new DisposableStack();
      for (let i = 0; i < 2; i++) held.use(engine.float32(shape));
      return held;
    })();
    await expect(withRoom(cache, work)).rejects.toMatchObject({
      name: 'StepError',
      code: 'MEMORY_SHORT',
      retriable: true,
      message: expect.stringContaining('does not fit'),
    });
    expect(engine.pool.usedBytes).toBeLessThan(3 * PLANE);
  });

  it('leaves other errors as they are', async () => {
    let calls = 0;
    const failing = async (): Promise<never> => {
      calls += 1;
      throw new TypeError('something else');
    };
    await expect(withRoom(cache, failing)).rejects.toThrow(TypeError);
    expect(calls).toBe(1);
  });
});
