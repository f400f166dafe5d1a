import { DQ } from '@iris-drs/datamodels';
import { beforeAll, describe, expect, it } from 'vitest';
import { check, type Exposure, observe, openChain, readFrame, scratch, truthOf } from './chain.ts';

const directory = scratch();
const SIZE = 448;
/** One at the corner of four stripes of outputs, one that reaches over the edge. */
const WINDOWS = [
  { x: 200, y: 180, nx: 32, ny: 32 },
  { x: SIZE - 20, y: 30, nx: 20, ny: 16 },
];

let chain: Awaited<ReturnType<typeof openChain>>;
let exposure: Exposure;

beforeAll(async () => {
  const options = { dir: directory, refs: `${directory}/refs`, size: SIZE, science: 1, sky: 0, seed: 21 };
  exposure = (await observe({ ...options, effects: { guideWindows: { windows: WINDOWS } } }))[0]!;
  chain = await openChain(directory, `${directory}/refs`);
});

describe('a frame of a detector that guides', () => {
  it.each(['cds', 'utr', 'ols', 'likely'])(
    'by %s is true outside the windows and flagged inside',
    async (mode) => {
      const rate = await chain.readout(exposure.path, { 'readoutsamp.mode': mode });
      const { sci, dq } = await readFrame(rate);
      expect(truthOf(exposure).outside?.guideWindows).toEqual(WINDOWS);
      const wrong = Array.from(dq.keys()).filter((i) => {
        const [x, y] = [i % SIZE, Math.floor(i / SIZE)];
        const guided = WINDOWS.some((w) => x >= w.x && x < w.x + w.nx && y >= w.y && y < w.y + w.ny);
        const lost =
          (dq[i]! & DQ.NON_SCIENCE) !== 0 && (dq[i]! & DQ.DO_NOT_USE) !== 0 && Number.isNaN(sci[i]!);
        return guided !== lost;
      });
      expect(wrong).toEqual([]);
      const verdict = await check(await chain.calib(rate), exposure, { background: 'known' });
      expect(verdict.problems, JSON.stringify(verdict)).toEqual([]);
    },
  );

  it('has them as other pixels when the step is skipped', async () => {
    const rate = await chain.readout(exposure.path, { 'guide_windows.skip': 'true' });
    const { sci, dq } = await readFrame(rate);
    const middle = (WINDOWS[0]!.y + 16) * SIZE + WINDOWS[0]!.x + 16;
    expect([dq[middle]! & DQ.NON_SCIENCE, Number.isFinite(sci[middle]!)]).toEqual([0, true]);
  });
});
