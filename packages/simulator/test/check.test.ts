import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CheckOptions, checkFrame } from '../src/check.ts';
import { type ObservationItem, simulateObservation } from '../src/observation.ts';
import type { FrameTruth } from '../src/truth.ts';
import { type Mistakes, reduce } from './reduction.ts';

const directory = mkdtempSync(join(tmpdir(), 'drs-simulator-'));
const refs = join(directory, 'refs');
const files: Extract<ObservationItem, { kind: 'file' }>[] = [];

beforeAll(() => () => rmSync(directory, { recursive: true, force: true }));
beforeAll(async () => {
  const options = { dir: directory, refs, size: [416, 400] as const, science: 1, sky: 1, seed: 4 };
  for await (const item of simulateObservation(options)) if (item.kind === 'file') files.push(item);
});

const truthOfFile = (index: number): FrameTruth => JSON.parse(readFileSync(files[index]!.truthPath, 'utf8'));
const check = async (mistakes: Mistakes = {}, options: CheckOptions = {}, index = 0) =>
  checkFrame(await reduce(files[index]!.path, refs, mistakes), truthOfFile(index), options);

describe('the check of a reduced frame', () => {
  it('accepts a right reduction, its background known or not', async () => {
    const found = await check({}, { background: 'known', noiseTolerance: 0.02 });
    expect(found.problems).toEqual([]);
    expect(found.ok).toBe(true);
    expect(found.stars).toBeGreaterThanOrEqual(200);
    expect(Math.abs(found.fluxScale - 1)).toBeLessThan(4 * found.fluxScaleError);
    expect(await check({}, { background: 'free' })).toMatchObject({ ok: true });
  });

  it('accepts a frame whose own median was taken off', async () => {
    const frame = await reduce(files[0]!.path, refs);
    const median = frame.sci.toSorted()[frame.sci.length >> 1]!;
    expect(checkFrame({ ...frame, sci: frame.sci.map((v) => v - median) }, truthOfFile(0)).ok).toBe(true);
  });

  it('accepts a science frame less a sky frame, with the variance of both', async () => {
    const [science, sky] = [await reduce(files[0]!.path, refs), await reduce(files[1]!.path, refs)];
    const frame = {
      shape: science.shape,
      sci: science.sci.map((v, i) => v - sky.sci[i]!),
      variances: [...science.variances, ...sky.variances],
      dq: science.dq.map((flags, i) => flags | sky.dq[i]!),
    };
    expect(checkFrame(frame, truthOfFile(0)).problems).toEqual([]);
  });

  it('accepts a sky frame, which has no stars', async () => {
    expect(await check({}, { background: 'known' }, 1)).toMatchObject({ ok: true, stars: 0 });
  });

  it('notices a flux scale that is off by 3 %', async () => {
    for (const fluxScale of [0.97, 1.03]) {
      const found = await check({ fluxScale });
      expect(found.ok).toBe(false);
      expect(found.chi2PerDof).toBeGreaterThan(4);
      expect(Math.abs(found.fluxScale / fluxScale - 1)).toBeLessThan(0.002);
    }
  });

  it('notices a gain reference that is off by 3 %, when the noise is to be right', async () => {
    const found = await check({ gainReference: 1.03 }, { noiseTolerance: 0.02 });
    expect(found.ok).toBe(false);
    expect(found.noiseRatio - 1).toBeGreaterThan(3 * found.noiseRatioError);
  });

  it('notices a forgotten dark by its structure, and by its level', async () => {
    const found = await check({ noDark: true });
    expect(found.ok).toBe(false);
    expect(found.backgroundPullSigma).toBeGreaterThan(1.1);
    const known = await check({ noDark: true }, { background: 'known' });
    expect(known.problems.join()).toContain('background level');
  });

  it('notices a forgotten flat and a forgotten non-linearity', async () => {
    expect((await check({ noFlat: true })).ok).toBe(false);
    expect((await check({ noLinearity: true })).ok).toBe(false);
  });

  it('is not passed by flagging everything', async () => {
    const frame = await reduce(files[0]!.path, refs);
    const found = checkFrame({ ...frame, dq: frame.dq.map(() => 1) }, truthOfFile(0));
    expect(found.ok).toBe(false);
    expect(found.problems.join()).toContain('0 stars could be measured');
  });

  it('leaves out reference pixels and guide windows', async () => {
    const dir = join(directory, 'parts');
    const options = {
      dir,
      refs: join(dir, 'refs'),
      size: 416,
      detector: { referencePixels: 4 },
      effects: { resetNoise: 20, guideWindows: { windows: [{ x: 200, y: 180, nx: 16, ny: 16 }] } },
      science: 1,
      sky: 0,
      seed: 4,
    };
    for await (const item of simulateObservation(options)) {
      if (item.kind !== 'file') continue;
      const truth: FrameTruth = JSON.parse(readFileSync(item.truthPath, 'utf8'));
      const frame = await reduce(item.path, options.refs);
      const found = checkFrame(frame, truth, { background: 'known' });
      expect(found.problems).toEqual([]);
      expect(found.stars).toBeGreaterThanOrEqual(200);
    }
  });

  it('refuses a frame of another shape', async () => {
    const frame = await reduce(files[0]!.path, refs);
    expect(() => checkFrame({ ...frame, shape: [400, 416] }, truthOfFile(0))).toThrow(
      /the truth is of \[416, 400\]/,
    );
  });
});
