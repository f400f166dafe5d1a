import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readImage } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { type Engine, openEngine, type Shape2 } from '@iris-drs/kernels';
import { runConfigured, stepLookup } from '@iris-drs/pipelines';
import { configure } from '@iris-drs/stpipe';
import { CliError } from '../../errors.ts';
import { ROOT } from '../../instance/paths.ts';
import { type Case, compare, type Prepare, timed } from './compare.ts';
import { type Image2Files, makeImage2Files } from './image2-files.ts';
import type { BenchLine, Suite } from './line.ts';
import { readThrough } from './reading.ts';
import { asking, pythonReference, type Reference } from './reference.ts';

/** Steps without work, and the references: what the reference does. */
const optionsOf = ({ dark, flat }: Image2Files): [key: string, text: string][] => [
  ['steps.dark_current.override_dark', dark],
  ['steps.flat_field.override_flat', flat],
  ...['assign_wcs', 'photom', 'resample'].map((step): [string, string] => [`steps.${step}.skip`, 'True']),
];

const inProcess = async (engine: Engine, files: Image2Files, cwd: string): Promise<void> => {
  const options = optionsOf(files);
  await runConfigured({
    configured: configure({ target: 'Image2Pipeline', options, steps: stepLookup, cwd }),
    ...{ inputs: [files.association], cwd, engine, references: undefined, log: () => undefined },
  });
};

const ended = ([program, ...args]: Reference['command'], cwd: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, CRDS_PATH: '', HOME: cwd, PYTHONDONTWRITEBYTECODE: '1' };
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], env });
    let said = '';
    child.stderr.on('data', (data: Buffer) => {
      said = `${said}${data}`.slice(-500);
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new CliError(1, `${program} ended with ${code}: ${said.trim()}`)),
    );
  });

/** The same as a user runs it: `drs run`, from the shell script on. */
const wholeProcess = (files: Image2Files, cwd: string): Promise<void> => {
  const script = join(ROOT, 'drs');
  const drs: Reference['command'] = existsSync(script)
    ? [script]
    : [process.execPath, ...process.execArgv, process.argv[1]!];
  const options = optionsOf(files).map(([key, text]) => `--${key}=${text}`);
  return ended([...drs, 'run', 'Image2Pipeline', files.association, ...options], cwd);
};

/** As iris_pipeline goes about it, and as one who writes numpy for speed would. */
const WAYS = ['iris_pipeline', 'lean'] as const;
type Way = (typeof WAYS)[number];

const wordsOf = (way: Way, { science, background, dark, flat }: Image2Files, product: string): string[] => [
  way,
  science,
  background,
  dark,
  flat,
  product,
];

/** Between frames: exposures come seconds apart. */
const PAUSE_SECONDS = 2;

/** Runs of each, one after the other, where there is no pause. */
const IN_A_ROW = 4;

const PLANES = ['SCI', 'DQ', 'VAR_POISSON', 'VAR_RNOISE', 'VAR_FLAT', 'ERR'];
const PROBE: Shape2 = [67, 93];
/** Of the largest operand; the planes are float32 on both sides. */
const TOLERANCE = 1e-6;
const LARGEST = 5200;

/** The product must hold the reference's numbers, or the times say nothing. */
const requireAgreement = async (engine: Engine, numpy: Reference, directory: string): Promise<void> => {
  const cwd = join(directory, 'probe');
  mkdirSync(cwd);
  const files = makeImage2Files(cwd, PROBE);
  await inProcess(engine, files, cwd);
  using ours = await openFile(files.product);
  for (const way of WAYS) {
    const path = join(cwd, `${way}.fits`);
    await numpy.ask(`run ${wordsOf(way, files, path).join(' ')}`);
    using theirs = await openFile(path);
    for (const name of PLANES) {
      const found = (await readImage(ours, ours.hdu(name))).data;
      const expected = (await readImage(theirs, theirs.hdu(name))).data;
      for (let i = 0; i < found.length; i++) {
        const [x, y] = [Number(found[i]), Number(expected[i])];
        if (Object.is(x, y) || Math.abs(x - y) <= TOLERANCE * (name === 'DQ' ? 0 : LARGEST)) continue;
        throw new CliError(1, `image2: ${name}, pixel ${i}: ${x}, ${way} by ${numpy.name} gives ${y}`);
      }
    }
  }
};

/**
 * A science frame, one background, dark and flat to a reduced frame with variances and flags, files in and a file out
 * that is synced to disk; beside iris_pipeline's algorithm with astropy and numpy, and a lean form of it. In a process
 * that has started already (ours opens every file anew, references too), and as a process of its own from start to end.
 */
export const image2: Suite = async ({ size, runs, directory, say }) => {
  const engine = await openEngine();
  const numpy = await pythonReference('astropy', 'image2_astropy.py', directory, say);
  try {
    if (numpy) await requireAgreement(engine, numpy, directory);
    const files = makeImage2Files(directory, [size, size]);
    const samples = size * size;
    const reference = join(directory, 'reference.fits');
    // A product is new: to free the blocks of one that it replaces takes the file system a while. Inputs are in the page
    // cache, which may have lost them while the other was at work.
    const prepare = (): void => {
      for (const path of [files.product, reference]) rmSync(path, { force: true });
      for (const path of [files.science, files.background, files.dark, files.flat]) readThrough(path);
    };
    const pause = async (): Promise<void> => {
      prepare();
      await setTimeout(PAUSE_SECONDS * 1000);
    };
    const running: readonly (readonly [when: string, before: Prepare, inARow: number])[] = [
      [`${PAUSE_SECONDS} s between frames`, pause, 1],
      ['frame after frame', prepare, IN_A_ROW],
    ];
    const lines: BenchLine[] = [];
    for (const way of WAYS) {
      const words = wordsOf(way, files, reference);
      const name = `${way}, ${numpy?.name}`;
      const request = `run ${words.join(' ')}`;
      // Of the algorithm, files in and out; what starting a process takes comes on top, on both sides.
      const target = way === 'iris_pipeline' && size === 4096 ? { targetRatio: 10 } : {};
      for (const [when, before, inARow] of running) {
        const what = `running process, ${when}, ${engine.threads} threads`;
        const ours = timed(what, () => inProcess(engine, files, directory), before);
        const one: Case = { ...ours, samples, peakBytes: () => engine.pool.peakBytes, ...target };
        const theirs = numpy ? [asking(numpy, name, request, before)] : [];
        lines.push(...(await compare('image2', [one], theirs, runs, inARow)));
      }
      const ours = timed('whole process, drs run', () => wholeProcess(files, directory), prepare);
      const theirs = numpy
        ? [timed(name, () => ended([...numpy.command, ...words], directory), prepare)]
        : [];
      lines.push(...(await compare('image2', [{ ...ours, samples }], theirs, runs)));
      if (!numpy) break;
    }
    return lines;
  } finally {
    numpy?.close();
    await engine.close();
  }
};
