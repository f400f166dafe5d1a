import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { KernelsError, openEngine, samplingWeights } from '../src/index.ts';
import { imageFile, testDirectory, testEngine } from './support.ts';

const engine = await testEngine();
const directory = testDirectory();
const shape = [65, 129] as const;
const format = { bitpix: 16, bscale: 1, bzero: 32768 } as const;
const image = (name: string) =>
  imageFile(
    join(directory, name),
    Array.from({ length: shape[0] * shape[1] }, (_, i) => (i % 60000) - 32768),
    shape,
    format,
  );

describe('failures in a worker', () => {
  it('name the file and the byte where it ends', async () => {
    const short = image('short');
    truncateSync(short.path, 2880 + 1001);
    const error = await engine.readFloat(short).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(KernelsError);
    expect(error).toMatchObject({ code: 'ReadFailed', path: short.path, offset: 2880 + 1001 });
    expect(String(error)).toContain(`${short.path} ends at byte 3881, 15769 bytes short`);
  });

  it('name a file that is not there', async () => {
    const path = join(directory, 'absent');
    const error = await engine.readFloat({ ...image('there'), path }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'ReadFailed', path, errno: 'ENOENT' });
  });

  it('leave the engine usable and the pool empty', async () => {
    const good = image('good');
    const calls = [0, 1, 2, 3].map((i) => engine.readFloat(i % 2 ? { ...good, path: '/nowhere' } : good));
    const settled = await Promise.allSettled(calls);
    expect(settled.map((s) => s.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    for (const s of settled) if (s.status === 'fulfilled') s.value.release();
    expect(engine.pool.usedBytes).toBe(0);
  });

  it('of the pool cap give back what was taken', async () => {
    const small = await openEngine({ threads: 2, maxBytes: 150_000 });
    const reads = [image('a'), image('b')];
    const spec = { reads, shape, ...samplingWeights({ kind: 'cds' }, [0, 1]) };
    await expect(small.sample(spec)).rejects.toMatchObject({ code: 'PoolExhausted', maxBytes: 147_456 });
    expect(small.pool.usedBytes).toBe(0);
    await small.close();
  });
});

it('many calls in a row leave nothing in use and the peak where it was', async () => {
  const reads = [image('a'), image('b'), image('c')];
  const once = async (): Promise<void> => {
    const { slope, dq, varPoisson, varRnoise } = await engine.sample({
      reads,
      shape,
      gain: 2,
      readNoise: 3,
      ...samplingWeights({ kind: 'utr' }, [0, 1, 2]),
    });
    const flat = await engine.readFloat(reads[0]!);
    await engine.calibrate({ sci: slope, dq, varPoisson, varRnoise, flat: { sci: flat } });
    await engine.quantiles(slope, [0.5]);
    const { value, count, dq: flags } = await engine.combine([slope, flat], { method: 'median' });
    for (const plane of [slope, dq, varPoisson, varRnoise, flat, value, count, flags]) plane.release();
  };
  await once();
  const peak = engine.pool.peakBytes;
  for (let i = 0; i < 100; i++) await once();
  expect(engine.pool.usedBytes).toBe(0);
  expect(engine.pool.peakBytes).toBe(peak);
});

it('refuses work after close', async () => {
  const other = await openEngine({ threads: 1 });
  const frame = other.float32([2, 2]);
  await other.close();
  await expect(other.statistics(frame)).rejects.toMatchObject({ code: 'Closed' });
});

it('waits for the call in hand when closing', async () => {
  const other = await openEngine({ threads: 2 });
  const frame = other.float32([2000, 2000], 3);
  const statistics = other.statistics(frame);
  await other.close();
  expect((await statistics).mean).toBe(3);
});

it('an idle engine does not keep its process alive, a busy one does', () => {
  const source = fileURLToPath(new URL('../src/index.ts', import.meta.url));
  const program = `
    import { openEngine } from ${JSON.stringify(source)};
    const engine = await openEngine({ threads: 2 });
    const { mean } = await engine.statistics(engine.float32([1000, 1000], 4));
    console.log(mean);`;
  const args = ['--conditions=@iris/source', '--input-type=module', '--eval', program];
  expect(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 })).toBe('4\n');
});
