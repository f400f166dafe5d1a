import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Seen } from '@iris-drs/bus';
import type { Product } from '@iris-drs/proto';
import { integerArg, parse } from '../args.ts';
import { type Outcome, replay } from '../demo/replay.ts';
import { type FileItem, simulate } from '../demo/simulate.ts';
import { readTruth, verifyProduct } from '../demo/verify.ts';
import { spansOf, waterfall } from '../demo/waterfall.ts';
import { CliError, usageError } from '../errors.ts';
import { down } from '../instance/down.ts';
import { isAlive } from '../instance/processes.ts';
import { readState, stateDir } from '../instance/state.ts';
import { up } from '../instance/up.ts';

export const usage = 'demo [--mode imager] [--size N] [--exposures N] [--keep DIR]';
export const summary =
  'a dithered observation of simulated reads through all services, checked against its truth';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Directory of the demo: the one to keep, else one in the temporary directory that the next demo replaces. */
const prepare = (keep: string | undefined): string => {
  const dir = keep === undefined ? join(tmpdir(), `drs-demo-${userInfo().username}`) : resolve(keep);
  const running = readState(join(dir, 'data'))?.processes.some(isAlive);
  if (running)
    throw new CliError(
      1,
      `a demo is running in ${dir}; wait for it, or give another directory with --keep DIR`,
    );
  if (keep === undefined) rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  return dir;
};

const onSeen = (seen: Seen): void => {
  if (seen.type === 'failure')
    say(`  FAILURE ${seen.failure.stage} ${seen.failure.exposureId}: ${seen.failure.message}`);
  else {
    const { exposureId, detector, level, latencySeconds } = seen.product;
    say(`  ${exposureId} ${detector} ${level.padEnd(3)} after ${latencySeconds.toFixed(2)} s`);
  }
};

const table = (products: readonly Product[]): void => {
  say('\nexposure                         det  product  latency  steps (s)');
  const inOrder = [...products].sort((a, b) => {
    const [x, y] = [a, b].map(
      ({ exposureId, detector, level }) => `${exposureId.slice(-4)}${exposureId}${detector}${level}`,
    );
    return (x ?? '') < (y ?? '') ? -1 : 1;
  });
  for (const { exposureId, detector, suffix, latencySeconds, stepSeconds } of inOrder) {
    const steps = Object.entries(stepSeconds).map(([step, seconds]) => `${step} ${seconds.toFixed(2)}`);
    say(
      `${exposureId.padEnd(32)} ${detector} _${suffix.padEnd(7)} ${latencySeconds.toFixed(2).padStart(6)} s  ${steps.join('  ')}`,
    );
  }
};

/** Compares every calibrated and reduced science frame with its truth. */
const checkAll = async (
  data: string,
  files: readonly FileItem[],
  products: readonly Product[],
): Promise<boolean> => {
  say('\ncompared with the truth (χ² of star fluxes, pulls of the background)');
  let good = true;
  for (const file of files) {
    for (const [level, background] of [
      ['l2a', 'known'],
      ['l2', 'free'],
    ] as const) {
      const product = products.find(
        (one) => one.exposureId === file.exposureId && one.detector === file.detector && one.level === level,
      );
      if (!product?.frame) continue;
      const check = await verifyProduct(
        join(data, product.frame.path),
        readTruth(file.truthPath),
        background,
      );
      const [low, high] = check.interval99;
      const stars =
        check.stars === 0
          ? 'no stars'
          : `${check.stars} stars χ²/ν ${check.chi2PerDof.toFixed(3)} in ${low.toFixed(3)}–${high.toFixed(3)}`;
      say(
        `  ${check.ok ? 'ok  ' : 'FAIL'} ${file.exposureId} ${file.detector} _${product.suffix}: ${stars}, background σ ${check.backgroundPullSigma.toFixed(3)}`,
      );
      for (const problem of check.problems) say(`       ${problem}`);
      good &&= check.ok;
    }
  }
  return good;
};

/** An observation of its own for each demo, so that a bus that has seen one does not take the next for a repetition. */
const observationId = (): string => {
  const serial = Math.floor(Date.now() / 1000);
  const part = (n: number): string => String((n % 999) + 1).padStart(3, '0');
  return `2031A-${part(Math.floor(serial / 999))}-${part(serial)}`;
};

/** Prints what came, and whether it is all that should and agrees with the truth. */
const judge = async (
  data: string,
  files: readonly FileItem[],
  { products, failures, missing }: Outcome,
): Promise<boolean> => {
  table(products);
  for (const key of missing) say(`MISSING ${key}`);
  const agrees = await checkAll(data, files, products);
  return agrees && missing.length === 0 && failures.length === 0;
};

/** Prints one exposure's trace and where the reduced frames are. */
const show = (data: string, products: readonly Product[]): void => {
  const reduced = products.filter(({ level }) => level === 'l2');
  const [one] = reduced;
  if (one) {
    say(`\ntrace ${one.traceId} of ${one.exposureId}`);
    for (const line of waterfall(spansOf(join(stateDir(data), 'traces'), one.traceId))) say(line);
  }
  say('\nreduced frames and previews');
  for (const { frame, previewPath } of reduced) {
    say(`  ${join(data, frame?.path ?? '')}\n  ${join(data, previewPath)}`);
  }
  const latencies = reduced.map(({ latencySeconds }) => latencySeconds).sort((a, b) => a - b);
  if (latencies.length > 0) {
    say(`\nlast event to reduced frame: ${latencies[0]?.toFixed(2)} to ${latencies.at(-1)?.toFixed(2)} s`);
  }
};

export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parse(
    args,
    {
      mode: { type: 'string' },
      size: { type: 'string' },
      exposures: { type: 'string' },
      keep: { type: 'string' },
    },
    usage,
  );
  if (values.mode !== undefined && values.mode !== 'imager')
    throw usageError(`--mode ${values.mode}: this demo has the imager only`);
  const size = integerArg('size', values.size, 2048, 384, 4096);
  const science = integerArg('exposures', values.exposures, 3, 1, 100);
  const root = prepare(values.keep);
  const data = join(root, 'data');
  const refs = join(root, 'crds_cache');

  say(`simulating ${science} science exposures and 1 sky of ${size}² pixels, 10 reads each, in ${root}`);
  const simulated = await simulate(
    {
      dir: data,
      refs,
      truth: join(root, 'truth'),
      size,
      order: ['SCI', 'SKY', ...Array<'SCI'>(science - 1).fill('SCI')],
      observationId: observationId(),
    },
    say,
  );

  // One science frame waits for the sky: it must not give it up.
  process.env.DRS_SKY_DEADLINE ??= '600';
  const stop = async (): Promise<void> => {
    const state = readState(data);
    if (state) await down(state, () => undefined);
  };
  process.once('SIGINT', () => void stop().finally(() => process.exit(130)));
  let good = false;
  try {
    say('starting nats-server and the services');
    const state = await up({ data, refs, nats: undefined, modes: 'imager', say: (line) => say(`  ${line}`) });
    say(`publishing ${simulated.events.length} events`);
    const outcome = await replay(state.natsUrl, simulated, 120, onSeen);
    good = await judge(state.data, simulated.files, outcome);
    // Spans are written in batches: stopping the services flushes the last of them.
    await stop();
    show(state.data, outcome.products);
  } finally {
    await stop();
  }
  say(good ? `demo passed; everything is in ${root}` : `demo FAILED; logs are in ${stateDir(data)}`);
  return good ? 0 : 1;
};
