import { type Core, map, tilePixels } from './core.ts';
import { KernelsError } from './errors.ts';
import { type Corrections, checkCorrections, type FedRead, prepareFeed } from './feed.ts';
import { FRESH } from './jobs/feed.ts';
import { type FloatPlane, pixelsOf, type RawImage, type Shape2 } from './plane.ts';
import { type Noise, noiseOf, type SampleResult } from './sample.ts';

export interface SumsSpec extends Corrections {
  readonly shape: Shape2;
}

export interface SummedRead extends FedRead {
  readonly image: RawImage;
  /** Of the two sums; a read of weights 0 and 0 is not touched. */
  readonly weights: readonly [number, number];
  /** DN, one per output (outputs being equal stripes of columns) or one per column. */
  readonly offsets?: Float32Array | undefined;
}

export interface FinishSpec extends Noise {
  /** On the sum over ramps, 1 over their number; default 1. */
  readonly scale?: number | undefined;
}

/** Running sums over the reads of an exposure: what `sample` gives, without a look back at the reads. */
export interface Sums {
  /** Bytes of the pool that the sums hold, whatever the number of reads. */
  readonly bytes: number;
  /**
   * acc[k] += w[k] F(x − bias − offset) for all reads given; they share one pass over the sums.
   *
   * @throws KernelsError BadSpec, PoolExhausted with nothing changed; ReadFailed half-way, and every later call fails too
   */
  add(reads: readonly SummedRead[]): Promise<void>;
  /** total += c₀ acc₀ + c₁ acc₁; both sums start anew at 0. */
  endRamp(combination: readonly [number, number]): Promise<void>;
  /**
   * slope = scale × total, variances and flags as `sample` makes them. The sums become the frames: no call may follow.
   *
   * @throws KernelsError BadSpec before the end of the first ramp or within one
   */
  finish(spec: FinishSpec): Promise<SampleResult>;
  /** Gives all memory back; not before the calls in hand have settled. */
  release(): void;
}

/**
 * Sums fed while a ramp runs; CDS, MCDS and UTR are such sums (`onePass`).
 *
 * In float32, n reads of linearised values yᵣ give a slope whose error from the sums is at most
 * (n + 6)·2⁻²⁴ Σₖ |c[k]| Σᵣ |w[k]ᵣ yᵣ| to each ramp, one rounding more to each further ramp, besides that of the yᵣ.
 */
export const openSums = (core: Core, spec: SumsSpec): Sums => {
  const { pool, team } = core;
  const { shape } = spec;
  const n = pixelsOf(shape);
  checkCorrections(spec, shape);
  const held: { release(): void }[] = [];
  const hold = <T extends { release(): void }>(frame: T): T => {
    held.push(frame);
    return frame;
  };
  const release = (): void => {
    for (const frame of held.splice(0)) frame.release();
  };
  const plane = (): FloatPlane => hold(pool.float32(shape));
  let acc: readonly [FloatPlane, FloatPlane];
  let flags: { readonly start: number; release(): void };
  try {
    acc = [plane(), plane()];
    flags = hold(pool.block(n));
  } catch (error) {
    release();
    throw error;
  }
  /** Sum over ramps that have ended and were followed by another. */
  let total: FloatPlane | undefined;
  /** Of a ramp whose sums still stand in `acc`. */
  let ended: readonly [number, number] | undefined;
  let began = false;
  let open = false;
  let closed: KernelsError | undefined;

  let last: Promise<unknown> = Promise.resolve();
  const next = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(() => {
      if (closed) throw closed;
      return work();
    });
    last = done.catch(() => undefined);
    return done;
  };

  /** What fails half-way through the tiles leaves sums that mean nothing. */
  const changing = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (cause) {
      const code = cause instanceof KernelsError ? cause.code : 'WorkerFailed';
      closed ??= new KernelsError(
        code,
        'an earlier call on these sums failed, so they are incomplete; release them and sample the reads anew',
        {},
        { cause },
      );
      throw cause;
    }
  };

  const fold = async ([c0, c1]: readonly [number, number]): Promise<void> => {
    const before = total?.ptr ?? 0;
    total ??= plane();
    const planes = [acc[0].ptr, acc[1].ptr, before, total.ptr].map((ptr) => ({ plane: ptr }));
    await changing(map(core, 'endRamp', n, [...planes, c0, c1, 'count'], tilePixels(4)));
  };

  const add = async (given: readonly SummedRead[]): Promise<void> => {
    const reads = given.filter(({ weights: [a, b] }) => a !== 0 || b !== 0);
    if (reads.length === 0) return;
    using prepared = prepareFeed(core, shape, spec, reads, 2, () => 0);
    const { feed } = prepared;
    if (ended) await fold(ended);
    ended = undefined;
    const fresh = (open ? 0 : FRESH.sums) | (began ? 0 : FRESH.flags);
    const [acc0, acc1] = [acc[0].ptr, acc[1].ptr];
    const job = { kind: 'add', ...feed, acc0, acc1, flags: flags.start, fresh } as const;
    await changing(team.run(job, Math.ceil(shape[0] / feed.tileRows)));
    began = true;
    open = true;
  };

  const endRamp = async (combination: readonly [number, number]): Promise<void> => {
    if (!open) throw new KernelsError('BadSpec', 'the end of a ramp without reads; add some first');
    if (!combination.every(Number.isFinite)) {
      throw new KernelsError('BadSpec', `combination [${combination}]; both must be finite`);
    }
    // Carried out when it is known whether another ramp follows, so that one ramp needs no third plane.
    ended = combination;
    open = false;
  };

  const finish = async (how: FinishSpec): Promise<SampleResult> => {
    if (!ended || open) throw new KernelsError('BadSpec', 'sums finished before the end of a ramp');
    const noise = noiseOf(how, shape);
    const [c0, c1] = ended;
    const [slope, varPoisson] = acc;
    const varRnoise = plane();
    const dq = hold(pool.uint32(shape));
    const at = (ptr: number) => ({ plane: ptr });
    const args = [
      ...[at(slope.ptr), at(varPoisson.ptr), at(total?.ptr ?? 0), c0, c1, how.scale ?? 1, flags.start],
      ...['start' as const, at(slope.ptr), at(varPoisson.ptr), at(varRnoise.ptr), at(dq.ptr)],
      ...['count' as const, at(noise.gain), noise.gainValue, at(noise.readNoise), noise.readNoiseValue],
      ...[noise.poissonFactor, noise.readNoiseFactor],
    ];
    await changing(map(core, 'sumsFinish', n, args, tilePixels(8)));
    closed = new KernelsError('Released', 'sums used after they were finished');
    held.splice(0);
    total?.release();
    flags.release();
    return { slope, varPoisson, varRnoise, dq };
  };

  return {
    get bytes() {
      return n * (total ? 13 : 9);
    },
    add: (reads) => next(() => add(reads)),
    endRamp: (combination) => next(() => endRamp(combination)),
    finish: (how) => next(() => finish(how)),
    release() {
      closed ??= new KernelsError('Released', 'sums used after their release');
      release();
    },
  };
};
