/** Reference implementations that run as their own process and answer requests, so that start-up is not timed. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CliError } from '../../errors.ts';
import { ROOT } from '../../instance/paths.ts';
import type { Contender, Prepare } from './compare.ts';

interface Answer {
  readonly seconds?: number;
  /** Last pixel of what was read or written. */
  readonly value?: number;
  readonly values?: readonly (readonly number[])[];
  readonly error?: string;
}

export interface Reference {
  /** With version. */
  readonly name: string;
  /** What started it. */
  readonly command: readonly [program: string, ...args: string[]];
  /** @throws CliError when the reference fails, dies or does not answer */
  ask(request: string): Promise<Answer>;
  close(): void;
}

/** Longest wait for one answer. */
const PATIENCE_MS = 120_000;

const sourceOf = (file: string): string => {
  const path = join(ROOT, 'test', 'references', file);
  if (!existsSync(path)) throw new Error(`test/references/${file} is not there`);
  return path;
};

type Say = (line: string) => void;

const answering = (
  child: ChildProcessWithoutNullStreams,
  label: string,
): ((request?: string) => Promise<Answer>) => {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => {
    complaint = `${complaint}${data}`.slice(-2000);
  });
  // Writing to a reference that has died is told by the answer that does not come.
  child.stdin.on('error', () => {});
  const ended = new Promise<never>((_, reject) => child.once('error', reject));
  ended.catch(() => {});
  return async (request) => {
    if (request !== undefined) child.stdin.write(`${request}\n`);
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    try {
      const { value, done } = await Promise.race([lines.next(), ended]);
      if (done) throw new Error(complaint.trim().split('\n').at(-1) || 'it ended without an answer');
      const answer = JSON.parse(value) as Answer;
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer;
    } catch (error) {
      throw new CliError(1, `reference ${label}: ${(error as Error).message}`, error);
    } finally {
      clearTimeout(timer);
    }
  };
};

const start = async (
  label: string,
  command: readonly [program: string, ...args: string[]],
  cwd: string,
): Promise<Reference> => {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd,
    stdio: 'pipe',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const ask = answering(child, label);
  try {
    const { name = label } = (await ask()) as Answer & { readonly name?: string };
    return { name, command, ask, close: () => void child.kill('SIGKILL') };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
};

const orUnavailable = async (
  label: string,
  say: Say,
  open: () => Promise<Reference>,
): Promise<Reference | undefined> => {
  try {
    return await open();
  } catch (error) {
    say(`not compared with ${label}, which is unavailable: ${(error as Error).message}`);
    return undefined;
  }
};

/** A Python program of test/references under DRS_PYTHON; undefined, and said, if it does not start. */
export const pythonReference = (
  label: string,
  file: string,
  cwd: string,
  say: Say,
): Promise<Reference | undefined> =>
  orUnavailable(label, say, () =>
    start(label, [process.env.DRS_PYTHON ?? '/usr/bin/python3', sourceOf(file)], cwd),
  );

/** A C program of test/references, compiled now; undefined, and said, without a compiler or the library. */
export const compiledReference = (
  label: string,
  file: string,
  libraries: readonly string[],
  cwd: string,
  say: Say,
): Promise<Reference | undefined> =>
  orUnavailable(label, say, () => {
    const source = sourceOf(file);
    const program = join(cwd, file.replace(/\.c$/, ''));
    const build = spawnSync('cc', ['-O2', '-o', program, source, ...libraries], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (build.error) throw new Error(`no C compiler (${build.error.message})`);
    if (build.status !== 0) {
      const reason = build.stderr.split('\n').find((line) => /error|cannot find/.test(line));
      throw new Error(`cc failed: ${reason ?? build.stderr.trim()}`);
    }
    return start(label, [program], cwd);
  });

/** Asks the same again and again. */
export const asking = (
  reference: Reference,
  name: string,
  request: string,
  prepare: Prepare = () => {},
): Contender => ({
  name,
  async run() {
    await prepare();
    const { seconds } = await reference.ask(request);
    return { seconds: seconds ?? Number.NaN };
  },
});
