/*
 * By hand: node --conditions=@iris/source packages/fits/test/fuzz/fuzz.ts [inputs] [first]
 * Every input is made from its number alone; one that fails is told by it.
 */
import './meter.ts';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { FitsError, type Hdu, openFits, readGroups, readImage, readTable } from '../../src/index.ts';
import { memory, random } from '../support.ts';
import { takeCounted } from './meter.ts';
import { mutate } from './mutate.ts';
import { makeSeeds } from './seeds.ts';

/** What may be made besides what grows with the file. */
const FREE_BYTES = 1 << 17;
/** Deflate's ratio, the largest there is. */
const PACKED = 1032;

export interface Report {
  readonly inputs: number;
  /** How often each code was thrown, and how often an HDU was read. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowest: { readonly input: number; readonly ms: number };
  /** The most array bytes made by one read, over the file's size and what its packed images claim and can hold. */
  readonly largest: { readonly input: number; readonly ratio: number };
  readonly failures: readonly { readonly input: number; readonly text: string }[];
}

/** Examine the inputs of these numbers. `now` is told each number before it is begun. */
export async function fuzz(
  first: number,
  count: number,
  now: (input: number) => void = () => undefined,
): Promise<Report> {
  const seeds = makeSeeds();
  const outcomes: Record<string, number> = {};
  const failures: { input: number; text: string }[] = [];
  let slowest = { input: -1, ms: 0 };
  let largest = { input: -1, ratio: 0 };
  for (let input = first; input < first + count; input++) {
    now(input);
    const bytes = make(seeds, input);
    let ms = -performance.now();
    const { seen, claimed, made, failure } = await examine(bytes);
    ms += performance.now();
    const ratio = Math.max(0, made - FREE_BYTES) / (bytes.length + claimed);
    if (ms > 500) {
      // Other work on the machine does not count: slow is what is slow twice.
      const again = performance.now();
      await examine(bytes);
      ms = Math.min(ms, performance.now() - again);
    }
    for (const what of seen) outcomes[what] = (outcomes[what] ?? 0) + 1;
    if (ms > slowest.ms) slowest = { input, ms };
    if (ratio > largest.ratio) largest = { input, ratio };
    if (failure !== undefined) failures.push({ input, text: failure });
  }
  return { inputs: count, outcomes, slowest, largest, failures };
}

function make(seeds: readonly Uint8Array[], input: number): Uint8Array {
  const next = random(input);
  const bytes = mutate(seeds[input % seeds.length] as Uint8Array, seeds, next);
  return next() < 0.03 ? gzipSync(bytes, { level: 1 }) : bytes;
}

/** Read everything there is, in several ways. Everything but a FitsError is a failure. */
async function examine(
  bytes: Uint8Array,
): Promise<{ seen: string[]; claimed: number; made: number; failure?: string }> {
  const seen: string[] = [];
  let claimed = bytes[0] === 0x1f ? PACKED * bytes.length : 0;
  let made = 0;
  const attempt = async (read: () => Promise<unknown>) => {
    made = Math.max(made, takeCounted());
    try {
      await read();
      seen.push('read');
    } catch (error) {
      if (!(error instanceof FitsError)) throw error;
      if (error.file !== 'x.fits' || error.message.length > 1000) {
        throw new Error(`an error without its file, or too long: ${error.message.slice(0, 200)}`, {
          cause: error,
        });
      }
      seen.push(error.code);
    }
    made = Math.max(made, takeCounted());
  };
  takeCounted();
  try {
    await attempt(async () => {
      const fits = await openFits(memory(bytes), 'x.fits');
      for (const hdu of fits.hdus) {
        claimed += claimOf(hdu, bytes.length);
        if (hdu.kind === 'bintable' || hdu.kind === 'table') await attempt(() => readTable(fits, hdu));
        else await attempt(() => readImage(fits, hdu));
        if (hdu.kind === 'groups') await attempt(() => readGroups(fits, hdu));
        await attempt(() => readImage(fits, hdu, { rows: [1, 2], raw: true }));
      }
    });
  } catch (error) {
    return { seen, claimed, made, failure: `${(error as Error).stack}` };
  }
  return { seen, claimed, made };
}

/** Bytes that a compressed image would have, if its packed bytes can hold so much. */
function claimOf({ kind, header }: Hdu, fileBytes: number): number {
  if (kind !== 'compressed') return 0;
  try {
    let bytes = Math.abs(header.integer('ZBITPIX') ?? 0) / 8;
    const axes = header.integer('ZNAXIS') ?? 0;
    for (let i = 1; i <= Math.min(axes, 999); i++) bytes *= header.integer(`ZNAXIS${i}`) ?? 0;
    return bytes > 0 ? Math.min(bytes, 8 * PACKED * fileBytes) : 0;
  } catch {
    return 0;
  }
}

if (isMainThread && process.argv[1] === import.meta.filename) {
  const count = Number(process.argv[2] ?? 100_000);
  const first = Number(process.argv[3] ?? 0);
  const current = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(import.meta.filename, { workerData: { first, count, current } });
  let before = -1;
  // An input that takes several seconds will take for ever.
  const watch = setInterval(() => {
    const input = Atomics.load(current, 0);
    if (input === before && input > 0) {
      writeFileSync(join(tmpdir(), 'fuzz-hang.fits'), make(makeSeeds(), input));
      console.error(`input ${input} hangs; it is in ${join(tmpdir(), 'fuzz-hang.fits')}`);
      process.exit(1);
    }
    before = input;
  }, 10_000);
  worker.on('message', (report: Report) => {
    clearInterval(watch);
    console.log(JSON.stringify(report, undefined, 1));
    console.log(`peak RSS ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
    process.exitCode =
      report.failures.length > 0 || report.slowest.ms > 1000 || report.largest.ratio > 4 ? 1 : 0;
  });
} else if (workerData?.current !== undefined) {
  const { first, count, current } = workerData as { first: number; count: number; current: Int32Array };
  fuzz(first, count, (input) => Atomics.store(current, 0, input)).then((report) =>
    parentPort?.postMessage(report),
  );
}
