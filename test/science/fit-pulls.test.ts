import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Exposure, observe, openChain, readFrame, scratch } from './chain.ts';
import { COMMON, EXACT, expectUnitWidth, note, pulls, skyOf } from './pulls.ts';

const directory = scratch();

describe.each([
  ['low', 0.3, 1],
  ['medium', 30, 2],
  ['high', 3000, 1],
] as const)('fits at %s flux (%d e-/s), %d ramp(s)', (flux, skyRate, ramps) => {
  const dir = join(directory, flux);
  const refs = join(dir, 'refs');
  let chain: Awaited<ReturnType<typeof openChain>>;
  let exposure: Exposure;
  beforeAll(async () => {
    mkdirSync(dir);
    const options = { dir, refs, science: 1, sky: 0, skyRate, ramps, reads: 12, calibration: EXACT };
    exposure = (await observe({ ...COMMON, seed: 6, ...options }))[0]!;
    chain = await openChain(dir, refs);
  });

  it.each([
    ['ols', 'true'],
    ['ols', 'false'],
    ['likely', 'true'],
    ['likely', 'false'],
  ])('%s, jumps not looked for: %s, states the scatter of its slopes', async (mode, skip) => {
    const options = { 'readoutsamp.mode': mode, 'jump.skip': skip };
    const flt = await chain.calib(await chain.readout(exposure.path, options));
    const found = pulls(await readFrame(flt), skyOf(exposure));
    note(`${flux} flux, ${ramps} ramp(s), ${mode}, jump.skip ${skip}`, found);
    // Reads that are taken for jumps by chance add a little.
    expectUnitWidth(found);
    expect(Math.abs(found.mean), `mean pull ${found.mean}`).toBeLessThan(0.1);
  });
});
