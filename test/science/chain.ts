import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { calibPipeline } from '@iris-drs/calib';
import { localReferences } from '@iris-drs/crds';
import { closeImage, type ImageModel, openImage, openRamp, saveImage } from '@iris-drs/datamodels';
import { readImage } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { type ImagerFrame, imagerPipeline } from '@iris-drs/imager';
import { openEngine } from '@iris-drs/kernels';
import { planOf, readoutPipeline } from '@iris-drs/readout';
import {
  type CheckOptions,
  checkFrame,
  type FrameCheck,
  type FrameTruth,
  type ObservationItem,
  type ObservationOptions,
  type ReducedFrame,
  simulateObservation,
} from '@iris-drs/simulator';
import { createReferenceCache, runSteps } from '@iris-drs/stpipe';
import { afterAll, expect } from 'vitest';

export type Options = Readonly<Record<string, string>>;
export type Exposure = Extract<ObservationItem, { kind: 'file' }>;

/** A directory for one test file. */
export const scratch = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'drs-science-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

/** Files of a simulated observation, in the order in which they were exposed. */
export const observe = async (options: ObservationOptions): Promise<Exposure[]> => {
  const files: Exposure[] = [];
  for await (const item of simulateObservation(options)) if (item.kind === 'file') files.push(item);
  return files;
};

export const referenceFile = (refs: string, type: string): string =>
  join(refs, 'references', 'tmt', 'iris', `tmt_iris_${type}_img1_0001.fits`);

export const truthOf = ({ truthPath }: Exposure): FrameTruth => JSON.parse(readFileSync(truthPath, 'utf8'));

/** The planes of a product that the check and the pulls need. */
export const readFrame = async (path: string): Promise<ReducedFrame> => {
  using fits = await openFile(path);
  const plane = async (name: string) => (await readImage(fits, fits.hdu(name))).data;
  const floats = async (name: string) => Float32Array.from((await plane(name)) as Float32Array);
  const [ny = 0, nx = 0] = fits.hdu('SCI').shape;
  const names = ['VAR_POISSON', 'VAR_RNOISE', 'VAR_FLAT'].filter((name) => fits.find(name));
  return {
    shape: [ny, nx],
    sci: await floats('SCI'),
    variances: await Promise.all(names.map(floats)),
    dq: Uint32Array.from((await plane('DQ')) as Uint32Array),
  };
};

export const check = async (
  path: string,
  exposure: Exposure,
  options: CheckOptions = {},
): Promise<FrameCheck> => checkFrame(await readFrame(path), truthOf(exposure), options);

/**
 * The stages' pipelines, from file to file as the stages run them, without bus and processes. Every call leaves
 * the frame pool as it found it, but for references that the cache holds.
 */
export const openChain = async (directory: string, refs: string) => {
  const engine = await openEngine({ threads: 2 });
  const cache = createReferenceCache(24);
  afterAll(async () => {
    cache.close();
    await new Promise(setImmediate);
    expect(engine.pool.usedBytes).toBe(0);
    await engine.close();
  });
  const references = localReferences({ path: refs });
  const log = { info: () => undefined, warn: () => undefined };
  const setup = (options: Options) => ({ engine, cache, references, log, options });
  let serial = 0;
  const save = async (model: ImageModel, from: string, suffix: string): Promise<string> => {
    serial += 1;
    const path = join(directory, `${basename(from).replace(/_\w+\.fits$/, '')}-${serial}_${suffix}.fits`);
    await saveImage(engine, model, path, suffix === 'cal' ? { err: true } : {});
    return path;
  };
  return {
    engine,
    async readout(path: string, options: Options = {}): Promise<string> {
      const plan = planOf(await openRamp(path));
      await runSteps(readoutPipeline, plan, setup(options));
      if (!plan.frame) throw new Error('no frame');
      try {
        return await save(plan.frame, path, 'rate');
      } finally {
        closeImage(plan.frame);
      }
    },
    async calib(path: string, options: Options = {}): Promise<string> {
      const model = await openImage(engine, path);
      try {
        await runSteps(calibPipeline, model, setup(options));
        return await save(model, path, 'flt');
      } finally {
        closeImage(model);
      }
    },
    async imager(path: string, backgrounds: readonly string[], options: Options = {}): Promise<string> {
      const model: ImagerFrame = { ...(await openImage(engine, path)), backgrounds, remark: '' };
      try {
        await runSteps(imagerPipeline, model, setup(options));
        return await save(model, path, 'cal');
      } finally {
        closeImage(model);
      }
    },
  };
};
