import { openEngine } from '@iris-drs/kernels';
import { afterAll, expect, it } from 'vitest';
import { flagWhereUnknown } from '../src/index.ts';

const engine = await openEngine({ threads: 1, maxBytes: 8 * 4096 });
afterAll(() => engine.close());

const reference = (values: readonly number[], flags?: readonly number[]) => {
  const sci = engine.float32([1, values.length]);
  sci.data.set(values);
  const dq = flags && engine.uint32([1, flags.length]);
  if (dq && flags) dq.data.set(flags);
  return {
    sci,
    ...(dq ? { dq } : {}),
    close() {
      sci.release();
      dq?.release();
    },
  };
};

it('flags what is not a number, beside the flags that are there', async () => {
  const made = reference([1, Number.NaN, -3], [4, 4, 0]);
  const flagged = await flagWhereUnknown(engine, made, made.sci, 1);
  expect([...flagged.dq!.data]).toEqual([4, 5, 0]);
  flagged.close();
  expect(engine.pool.usedBytes).toBe(0);
});

it('flags what is not above the lowest value that makes sense, in a plane that goes with the reference', async () => {
  const made = reference([1, 0, -3, Number.NaN]);
  const flagged = await flagWhereUnknown(engine, made, made.sci, 2 ** 31 + 1, 0);
  expect([...flagged.dq!.data]).toEqual([0, 2 ** 31 + 1, 2 ** 31 + 1, 2 ** 31 + 1]);
  flagged.close();
  expect(engine.pool.usedBytes).toBe(0);
});

it('adds no plane where there is nothing to flag', async () => {
  const made = reference([1, 2]);
  expect(await flagWhereUnknown(engine, made, made.sci, 1, 0)).toBe(made);
  made.close();
});

it('closes the reference when there is no memory for the flags', async () => {
  const made = reference([Number.NaN]);
  const rest = Array.from({ length: 7 }, () => engine.float32([1, 1]));
  await expect(flagWhereUnknown(engine, made, made.sci, 1)).rejects.toThrow(/does not fit/);
  for (const plane of rest) plane.release();
  expect(engine.pool.usedBytes).toBe(0);
});

it('closes the reference where work on it that was put off fails', async () => {
  const lazy = engine.batched();
  const path = '/nowhere.fits';
  const image = { path, offset: 0, bitpix: -32, bscale: 1, bzero: 0, shape: [1, 2] } as const;
  const sci = await lazy.readFloat(image);
  const made = { sci, close: () => sci.release() };
  await expect(flagWhereUnknown(lazy, made, sci, 1)).rejects.toMatchObject({ code: 'ReadFailed', path });
  expect(engine.pool.usedBytes).toBe(0);
});
