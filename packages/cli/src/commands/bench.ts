import { availableParallelism, loadavg } from 'node:os';
import { integerArg, parse } from '../args.ts';
import { usageError } from '../errors.ts';
import type { BenchSettings, Suite } from './bench/line.ts';
import { table } from './bench/line.ts';
import { withScratch } from './bench/scratch.ts';

export const usage =
  'bench [readout|fits|calib|crds|image2|readout-large|soak]… [--json] [--size N] [--runs N] [--seconds N]';
export const summary =
  'time the pixel work beside references: the median of several runs (5), after one to warm up, ours and the ' +
  'references in turn; ratio is reference time over ours. Only when named: readout-large, ramps of 50 reads; soak, ' +
  'five detectors at full rate for so many seconds (60), from their last reads to frames';

interface Bench {
  readonly load: () => Promise<Suite>;
  /** Run when none is named. */
  readonly always: boolean;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  readout: { load: async () => (await import('./bench/readout.ts')).readout, always: true },
  fits: { load: async () => (await import('./bench/fits.ts')).fits, always: true },
  calib: { load: async () => (await import('./bench/calib.ts')).calib, always: true },
  crds: { load: async () => (await import('./bench/crds.ts')).crds, always: true },
  image2: { load: async () => (await import('./bench/image2.ts')).image2, always: true },
  'readout-large': { load: async () => (await import('./bench/readout.ts')).readoutLarge, always: false },
};

export const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parse(
    args,
    {
      json: { type: 'boolean' },
      size: { type: 'string' },
      runs: { type: 'string' },
      seconds: { type: 'string' },
    },
    usage,
  );
  const known = [...Object.keys(BENCHES), 'soak'];
  const names = positionals.length > 0 ? positionals : known.filter((name) => BENCHES[name]?.always);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw usageError(`no bench '${unknown}'; benches are: ${known.join(', ')}`);
  }
  const size = integerArg('size', values.size, 4096, 16, 8192);
  const runs = integerArg('runs', values.runs, 5, 1, 1000);
  const say = (line: string): void => void process.stderr.write(`drs: ${line}\n`);
  const machine = `Node ${process.version}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}`;
  say(`${machine}, frames of ${size} × ${size}, median of ${runs} runs`);
  let code = 0;
  for (const name of names) {
    if (name === 'soak') {
      const seconds = integerArg('seconds', values.seconds, 60, 5, 3600);
      const { soak } = await import('./bench/soak.ts');
      code ||= await soak({ size, seconds, json: values.json === true, say });
      continue;
    }
    const suite = await BENCHES[name]!.load();
    await withScratch(async (directory) => {
      const settings: BenchSettings = {
        size,
        sizeGiven: values.size !== undefined,
        runs,
        directory,
        say: (line) => say(`${name}: ${line}`),
      };
      const lines = await suite(settings);
      if (values.json) for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
      else process.stdout.write(table(lines));
    });
  }
  return code;
};
