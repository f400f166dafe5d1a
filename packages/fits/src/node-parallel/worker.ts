/** A thread that packs and unpacks tiles, one job at a time. It imports nothing by package name. */
import { parentPort } from 'node:worker_threads';
import { visitGroup } from '../heap.ts';
import { conversionOf } from '../physical.ts';
import { countOf, shapeOf } from '../section.ts';
import { acquireCodec, type Codec, releaseCodec } from '../tiles/codec.ts';
import { packerOf, streams } from '../tiles/pack.ts';
import { tilesOf } from '../tiles/place.ts';
import { unpackerOf } from '../tiles/unpack.ts';
import {
  type PackJob,
  type Reply,
  type Request,
  type TileScale,
  toRecord,
  type UnpackJob,
  type UnpackStep,
} from './job.ts';
import { type Steps, stop, takeStep } from './steps.ts';

/** The step at work, for whoever reports that it failed. */
let step = -1;

function pack({ packing, tilesPerStep, sizes }: PackJob, all: Steps, codec: Codec | undefined): Reply {
  const { tiles, pack } = packerOf(packing, codec);
  const out = streams(packing.numbers.byteLength >> 2);
  const steps: number[] = [];
  const starts: number[] = [];
  for (step = takeStep(all); step >= 0; step = takeStep(all)) {
    steps.push(step);
    starts.push(out.length);
    const first = step * tilesPerStep;
    tiles.slice(first, first + tilesPerStep).forEach((tile, i) => {
      const stream = pack(tile);
      out.add(stream);
      sizes[first + i] = stream.length;
    });
  }
  return { packed: { bytes: out.bytes(), steps, starts } };
}

async function unpack(job: UnpackJob, steps: Steps, codec: Codec | undefined): Promise<Reply> {
  const { image, raw, section, largest, groups, place } = job;
  const tiles = tilesOf(image.tile, image.shape, image.counts, section);
  const of = (index: number) => job.scales[index] as TileScale;
  const directory = {
    ...job.directory,
    scale: (index: number) => of(index).scale,
    zero: (index: number) => of(index).zero,
    blank: (index: number) => of(index).blank,
  };
  const data = conversionOf(image.format, raw).result.view(job.into, 0, countOf(shapeOf(section)));
  const most = groups.reduce((a, { start, end }) => Math.max(a, end - start), 0);
  const unpacking = { image, raw, section, tiles, directory, largest };
  const { memory, unpack } = unpackerOf(unpacking, codec, most, data, place);
  for (step = takeStep(steps); step >= 0; step = takeStep(steps)) {
    const group = groups[step] as UnpackStep;
    memory.set(new Uint8Array(job.packed, group.at, group.end - group.start));
    await visitGroup(job.directory.cells, group, memory, unpack);
  }
  return {};
}

async function answer({ job, steps }: Request): Promise<Reply> {
  step = 0;
  const codec = acquireCodec();
  try {
    return job.kind === 'pack' ? pack(job, steps, codec) : await unpack(job, steps, codec);
  } catch (error) {
    stop(steps);
    return { failure: { step, error: toRecord(error) } };
  } finally {
    releaseCodec(codec);
  }
}

parentPort?.on('message', async (request: Request) => {
  const reply = await answer(request);
  parentPort?.postMessage(reply, reply.packed ? [reply.packed.bytes.buffer] : []);
});
