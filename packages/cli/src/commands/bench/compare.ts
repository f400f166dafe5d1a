import type { BenchLine } from './line.ts';

/** Something that can be done again and again, and says how long it took, in seconds. */
export interface Contender {
  readonly name: string;
  run(): Promise<number>;
}

/** One of ours. */
export interface Case extends Contender {
  /** For nsPerSample. */
  readonly samples: number;
  readonly peakBytes?: () => number;
  readonly targetSeconds?: number;
  readonly targetRatio?: number;
}

/** A contender that is timed here. @param prepare  done before each run, outside the timing */
export const timed = (
  name: string,
  work: () => Promise<unknown> | unknown,
  prepare: () => void = () => {},
): Contender => ({
  name,
  async run() {
    prepare();
    const start = performance.now();
    await work();
    return (performance.now() - start) / 1000;
  },
});

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/**
 * Runs everything once to warm up, then all in turn, `runs` times, so that a busy machine is busy for everyone.
 *
 * @returns a line for each pair of a case and a reference, with medians
 */
export const compare = async (
  bench: string,
  cases: readonly Case[],
  references: readonly Contender[],
  runs: number,
): Promise<BenchLine[]> => {
  const all: readonly Contender[] = [...cases, ...references];
  for (const contender of all) await contender.run();
  const times = new Map<Contender, number[]>(all.map((contender) => [contender, []]));
  for (let i = 0; i < runs; i++) {
    for (const contender of all) times.get(contender)!.push(await contender.run());
  }
  const seconds = (contender: Contender): number => median(times.get(contender)!);
  return cases.flatMap((one) =>
    references.length === 0
      ? [lineOf(bench, one, seconds(one), null)]
      : references.map((reference) =>
          lineOf(bench, one, seconds(one), { name: reference.name, seconds: seconds(reference) }),
        ),
  );
};

const lineOf = (
  bench: string,
  one: Case,
  seconds: number,
  reference: { readonly name: string; readonly seconds: number } | null,
): BenchLine => {
  const ratio = reference ? reference.seconds / seconds : null;
  return {
    bench,
    case: one.name,
    seconds,
    nsPerSample: (seconds * 1e9) / one.samples,
    ...(one.peakBytes ? { peakBytes: one.peakBytes() } : {}),
    reference: reference?.name ?? null,
    referenceSeconds: reference?.seconds ?? null,
    ratio,
    ...targetOf(one, seconds, ratio),
  };
};

const targetOf = (
  one: Case,
  seconds: number,
  ratio: number | null,
): Pick<BenchLine, 'target' | 'targetMet'> => {
  const { targetSeconds, targetRatio } = one;
  if (targetSeconds !== undefined)
    return { target: `≤ ${targetSeconds} s`, targetMet: seconds <= targetSeconds };
  if (targetRatio === undefined || ratio === null) return {};
  return { target: `ratio ≥ ${targetRatio}`, targetMet: ratio >= targetRatio };
};
