import type { BenchLine } from './line.ts';

/** Seconds that one run took. */
export interface Taken {
  readonly seconds: number;
  /** Processor time of this process, all threads. */
  readonly cpuSeconds?: number;
}

/** Something that can be done again and again, and says how long it took. */
export interface Contender {
  readonly name: string;
  run(): Promise<Taken>;
}

/** One of ours. */
export interface Case extends Contender {
  /** For nsPerSample. */
  readonly samples: number;
  readonly peakBytes?: () => number;
  /** Processor time is shown too; only for work within this process. */
  readonly perCore?: boolean;
  readonly targetSeconds?: number;
  readonly targetRatio?: number;
  /** Of processor time. */
  readonly targetNsPerCore?: number;
  /** At most so many times as long as the reference of this name. */
  readonly targetTimes?: { readonly most: number; readonly of: string };
}

/** Done before each run, outside the timing. */
export type Prepare = () => Promise<void> | void;

/** A contender that is timed here. */
export const timed = (
  name: string,
  work: () => Promise<unknown> | unknown,
  prepare: Prepare = () => {},
): Contender => ({
  name,
  async run() {
    await prepare();
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    await work();
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return { seconds, cpuSeconds: (user + system) / 1e6 };
  },
});

/** Of an even number of values the mean of the middle two; NaN of none. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/**
 * Runs everything once to warm up, then all in turn, `runs` times, so that a busy machine is busy for everyone.
 *
 * @param inARow  runs of each in its turn; of several the first is not counted
 * @returns a line for each pair of a case and a reference, with medians
 */
export const compare = async (
  bench: string,
  cases: readonly Case[],
  references: readonly Contender[],
  runs: number,
  inARow = 1,
): Promise<BenchLine[]> => {
  const all: readonly Contender[] = [...cases, ...references];
  for (const contender of all) await contender.run();
  const taken = new Map<Contender, Taken[]>(all.map((contender) => [contender, []]));
  for (let i = 0; i < runs; i++) {
    for (const contender of all) {
      const row: Taken[] = [];
      while (row.length < inARow) row.push(await contender.run());
      taken.get(contender)!.push(...(inARow > 1 ? row.slice(1) : row));
    }
  }
  const middle = (contender: Contender): Measured => ({
    name: contender.name,
    seconds: median(taken.get(contender)!.map(({ seconds }) => seconds)),
    cpuSeconds: median(taken.get(contender)!.map(({ cpuSeconds = Number.NaN }) => cpuSeconds)),
  });
  return cases.flatMap((one) =>
    references.length === 0
      ? [lineOf(bench, one, middle(one), null)]
      : references.map((reference) => lineOf(bench, one, middle(one), middle(reference))),
  );
};

interface Measured extends Required<Taken> {
  readonly name: string;
}

const lineOf = (bench: string, one: Case, ours: Measured, reference: Measured | null): BenchLine => {
  const { seconds, cpuSeconds } = ours;
  const ratio = reference ? reference.seconds / seconds : null;
  const perCore = (cpuSeconds * 1e9) / one.samples;
  return {
    bench,
    case: one.name,
    seconds,
    nsPerSample: (seconds * 1e9) / one.samples,
    ...(one.perCore ? { cpuSeconds, nsPerSamplePerCore: perCore } : {}),
    ...(one.peakBytes ? { peakBytes: one.peakBytes() } : {}),
    reference: reference?.name ?? null,
    referenceSeconds: reference?.seconds ?? null,
    ratio,
    ...targetOf(one, seconds, perCore, reference),
  };
};

const targetOf = (
  one: Case,
  seconds: number,
  perCore: number,
  reference: Measured | null,
): Pick<BenchLine, 'target' | 'targetMet'> => {
  const { targetSeconds, targetRatio, targetNsPerCore, targetTimes } = one;
  const at = (target: string, targetMet: boolean) => ({ target, targetMet });
  if (targetTimes && targetTimes.of === reference?.name)
    return at(`≤ ${targetTimes.most} × reference`, seconds <= targetTimes.most * reference.seconds);
  if (targetSeconds !== undefined) return at(`≤ ${targetSeconds} s`, seconds <= targetSeconds);
  if (targetNsPerCore !== undefined)
    return at(`≤ ${targetNsPerCore} ns/sample/core`, perCore <= targetNsPerCore);
  if (targetRatio === undefined || !reference) return {};
  return at(`ratio ≥ ${targetRatio}`, reference.seconds >= targetRatio * seconds);
};
