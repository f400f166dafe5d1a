import { join } from 'node:path';
import { connectBus, followProducts } from '@iris-drs/bus';
import type { Failure, Product } from '@iris-drs/proto';
import { numberArg, parse } from '../args.ts';
import { usageError } from '../errors.ts';
import { dataDirOf } from '../instance/paths.ts';
import { natsUrlOf, readState } from '../instance/state.ts';

export const usage =
  'watch [--json] [--failures] [--products] [--until exposure=ID,level=L] [--timeout S] [--nats URL]';
export const summary = 'list products and failures, those there already first, then as they come';

export interface Goal {
  readonly exposure?: string;
  readonly level?: string;
  readonly detector?: string;
}

const parseGoal = (text: string): Goal => {
  const goal: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [key = '', value = ''] = part.split('=', 2);
    if (!['exposure', 'level', 'detector'].includes(key) || value === '') {
      throw usageError(`--until ${text}: expected exposure=ID,level=L with an optional detector=D`);
    }
    goal[key] = value;
  }
  return goal;
};

const reached = (goal: Goal, product: Product): boolean =>
  (goal.exposure === undefined || goal.exposure === product.exposureId) &&
  (goal.level === undefined || goal.level === product.level) &&
  (goal.detector === undefined || goal.detector === product.detector);

/** One line of `watch --json` for a product; `path` is absolute when the data directory is known. */
export const productLine = (product: Product, data: string | undefined) => ({
  type: 'product',
  level: product.level,
  mode: product.mode,
  detector: product.detector,
  exposure: product.exposureId,
  suffix: product.suffix,
  path: data === undefined ? (product.frame?.path ?? '') : join(data, product.frame?.path ?? ''),
  traceId: product.traceId,
  latencySeconds: product.latencySeconds,
});

export const failureLine = (failure: Failure) => ({
  type: 'failure',
  stage: failure.stage,
  mode: failure.mode,
  ...(failure.exposureId ? { exposure: failure.exposureId } : {}),
  ...(failure.input ? { input: failure.input } : {}),
  code: failure.code,
  message: failure.message,
  retriable: failure.retriable,
});

export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parse(
    args,
    {
      json: { type: 'boolean' },
      failures: { type: 'boolean' },
      products: { type: 'boolean' },
      until: { type: 'string' },
      timeout: { type: 'string' },
      nats: { type: 'string' },
      data: { type: 'string' },
    },
    usage,
  );
  const goal = values.until === undefined ? undefined : parseGoal(values.until);
  const timeout = numberArg('timeout', values.timeout, Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY);
  const both = !values.failures && !values.products;
  const dir = dataDirOf(values.data);
  const url = natsUrlOf(values.nats, dir);
  const data = readState(dir)?.data ?? process.env.DRS_DATA ?? values.data;

  const connection = await connectBus({ url, name: 'drs-watch', firstConnectMs: 20_000 });
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  const timer = Number.isFinite(timeout) ? setTimeout(() => stop.abort(), timeout * 1000) : undefined;
  let met = false;
  const print = (line: object, text: string): void =>
    void process.stdout.write(`${values.json ? JSON.stringify(line) : text}\n`);
  try {
    for await (const seen of followProducts(connection, {
      products: both || values.products === true || goal !== undefined,
      failures: both || values.failures === true,
      signal: stop.signal,
    })) {
      if (seen.type === 'failure') {
        const line = failureLine(seen.failure);
        print(
          line,
          `FAILURE ${line.stage} ${line.mode} ${line.exposure ?? ''} ${line.code}: ${line.message}`,
        );
        continue;
      }
      const line = productLine(seen.product, data);
      if (both || values.products) {
        print(
          line,
          `${line.level.padEnd(4)} ${line.detector.padEnd(5)} ${line.exposure} ${line.latencySeconds.toFixed(2)} s ${line.path}`,
        );
      }
      if (goal && reached(goal, seen.product)) {
        met = true;
        break;
      }
    }
  } finally {
    clearTimeout(timer);
    await connection.close();
  }
  return goal && !met ? 1 : 0;
};
