/** Writing frames: the layout is planned, planes are written in place by the workers, headers are sealed last. */
import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { addDatasums, type FitsPlan, Header, type ImageHdu, planFits, sealHeader } from '@iris-drs/fits';
import { writeAtomically } from '@iris-drs/fits/node';
import {
  type Engine,
  type FlagPlane,
  type FloatPlane,
  KernelsError,
  type PlaneWriter,
  planeWriter,
  type Shape2,
  type WriteTarget,
} from '@iris-drs/kernels';
import { unitOf } from './contract.ts';
import { DataModelError } from './errors.ts';
import type { ExtraHdu } from './extra.ts';
import { contentOf } from './headers.ts';
import type { ImageModel } from './image.ts';

/** A file as messages tell of it; `path` as it was given to save. */
export interface SavedFrame {
  readonly path: string;
  /** Bytes of the whole file. */
  readonly size: number;
  /** Of SCI, slowest axis first. */
  readonly shape: readonly number[];
  readonly dtype: string;
  /** DATASUM of SCI, as its keyword holds it. */
  readonly datasum: string;
}

export interface SaveImageOptions {
  /** Write ERR, the square root of the summed variances, even if the model has none. Default false. */
  readonly err?: boolean;
  /** Goes into DATAMODL. Default ImageModel; names that begin with IRIS or TMT are those of iris_pipeline. */
  readonly modelType?: string;
}

/**
 * Writes a frame, atomically: the file appears whole, checksummed and synced, or not at all.
 * Extensions in the order of the contract, then those that are not ours, byte for byte.
 */
export const saveImage = (
  engine: Engine,
  model: ImageModel,
  path: string,
  options: SaveImageOptions = {},
): Promise<SavedFrame> => saveStrips(engine, [{ model, release: () => undefined }], path, options);

/** Strips that are made while one is written, so that neither waits where one takes longer. */
const AHEAD = 2;

/** A strip of a frame on its way to the file. */
export interface MadeStrip {
  readonly model: ImageModel;
  /** Called when its pixels are needed no more. */
  release(): void;
}

/**
 * The same for a frame that comes in strips, rows in order. The headers are those of the first strip as they are when
 * the source has ended: values may change until then, cards may not be added.
 *
 * A strip is encoded when it has been made, and written while the source makes the next two or does what it has to do at
 * its end.
 *
 * @param strips  no strip is a frame of no rows, which is an error
 * @throws DataModelError SHAPE_MISMATCH when rows are missing
 */
export const saveStrips = (
  engine: Engine,
  strips: AsyncIterable<MadeStrip> | Iterable<MadeStrip>,
  path: string,
  options: SaveImageOptions = {},
): Promise<SavedFrame> =>
  writeAtomically(path, async (fd, partial) => {
    using direct = openDirect(partial);
    let file: StripFile | undefined;
    const writing: Promise<void>[] = [];
    try {
      for await (const { model, release } of strips) {
        using held = new DisposableStack();
        held.defer(release);
        const made = options.err && !model.err ? held.use(await errorOf(engine, model)) : undefined;
        const strip = made ? { ...model, err: made } : model;
        file ??= stripFile(strip, path, options, { fd, direct: direct.fd });
        const write = await encoded(engine, strip, file, held);
        const written = write();
        written.catch(() => undefined);
        writing.push(written);
        if (writing.length > AHEAD) await writing.shift();
      }
      for (const written of writing) await written;
      await file?.writer.end();
    } catch (error) {
      throw named(error, path);
    } finally {
      await Promise.allSettled(writing);
    }
    if (!file || file.rows !== file.shape[0]) {
      throw new DataModelError('SHAPE_MISMATCH', {
        file: path,
        found: `strips of ${file?.rows ?? 0} rows in all`,
        expected: `${file?.shape[0] ?? 'one or more'}`,
      });
    }
    return seal(file);
  });

/** A file that is being written. */
interface StripFile {
  readonly path: string;
  readonly target: WriteTarget;
  readonly writer: PlaneWriter;
  /** `[ny, nx]` of the whole frame. */
  readonly shape: Shape2;
  readonly names: readonly PlaneName[];
  /** Rows that have come. */
  rows: number;
  /** DATASUM of each plane so far. */
  readonly sums: number[];
  readonly extra: readonly ExtraHdu[];
  readonly plan: FitsPlan;
  /** Lays it out anew, with the headers as they are now. */
  layout(): FitsPlan;
}

function stripFile(
  first: ImageModel,
  path: string,
  options: SaveImageOptions,
  target: WriteTarget,
): StripFile {
  const { strip, shape, extra } = first;
  const whole: Shape2 = [strip?.height ?? shape[0], shape[1]];
  const names = PLANES.filter((name) => planeOf(first, name));
  const date = new Date().toISOString().slice(0, 23);
  const layout = (): FitsPlan => {
    const primary = contentOf(first.header)
      .set('FILENAME', basename(path), 'name of the file')
      .set('DATE', date, 'UTC date of creation')
      .set('DATAMODL', options.modelType ?? 'ImageModel', 'type of data model');
    const images = names.map((name): ImageHdu => {
      const header = name === 'SCI' ? contentOf(first.sciHeader) : Header.from([]);
      const unit = unitOf(name, first.units);
      if (unit) header.set('BUNIT', unit, 'physical unit of the pixels');
      const dtype = name === 'DQ' ? 'uint32' : 'float32';
      return { kind: 'image', name, version: 1, header, shape: whole, dtype };
    });
    return planFits([{ kind: 'image', header: primary, shape: [], dtype: 'uint8' }, ...images]);
  };
  const plan = layout();
  ftruncateSync(target.fd, sizeOf(plan, extra));
  const sums = names.map(() => 0);
  return {
    path,
    target,
    writer: planeWriter(target),
    shape: whole,
    names,
    rows: 0,
    sums,
    extra,
    plan,
    layout,
  };
}

const sizeOf = (plan: FitsPlan, extra: readonly ExtraHdu[]): number =>
  extra.reduce((sum, { bytes }) => sum + bytes.length, plan.byteLength);

const errorOf = (engine: Engine, { varPoisson, varRnoise, varFlat }: ImageModel): Promise<FloatPlane> =>
  engine.errorOf([varPoisson, varRnoise, ...(varFlat ? [varFlat] : [])]);

/** Larger ones are encoded part by part, while they are written. */
const ENCODED_PIXELS = 2 ** 21;

/**
 * A strip ready to be written.
 *
 * @param held  what the strip holds; let go of when it is needed no more
 * @returns writes it, to be called once
 */
async function encoded(
  engine: Engine,
  model: ImageModel,
  file: StripFile,
  held: DisposableStack,
): Promise<() => Promise<void>> {
  const first = file.rows * file.shape[1] * 4;
  const placed = file.names.map((name, i) => {
    const plane = planeOf(model, name);
    if (!plane) throw new Error(`a strip without ${name}, which the first has`);
    return { plane, offset: file.plan.hdus[i + 1]!.dataOffset + first };
  });
  const [ny, nx] = model.shape;
  file.rows += ny;
  const writing = (write: () => Promise<number[]>, used: Disposable) => async () => {
    using _used = used;
    for (const [i, sum] of (await write()).entries()) file.sums[i] = addDatasums(file.sums[i]!, sum);
  };
  if (ny * nx > ENCODED_PIXELS) return writing(() => engine.writePlanes(placed, file.target), held.move());
  const planes = await engine.encodePlanes(placed);
  // Where work is put off, planes that are given back before it is done are never kept.
  held.dispose();
  return writing(() => planes.write(file.writer), planes);
}

/** The kernels know a descriptor only. */
function named(error: unknown, path: string): unknown {
  if (!(error instanceof KernelsError) || error.code !== 'WriteFailed') return error;
  const { errno } = error;
  const why = errno === 'ENOSPC' ? 'no space is left' : (errno ?? error.message);
  return new KernelsError(
    'WriteFailed',
    `${path} cannot be written: ${why}`,
    { path, errno },
    { cause: error },
  );
}

/** Headers and what is not ours: last, as they hold the checksums. */
function seal({ path, target: { fd }, shape, plan, sums, extra, layout }: StripFile): SavedFrame {
  const last = layout();
  if (last.hdus.some(({ dataOffset }, i) => dataOffset !== plan.hdus[i]?.dataOffset))
    throw new Error(`the headers of ${path} grew while its pixels were being written`);
  for (const [i, { headerOffset }] of last.hdus.entries())
    put(fd, sealHeader(last, i, i === 0 ? 0 : sums[i - 1]!), headerOffset);
  let offset = last.byteLength;
  for (const { bytes } of extra) {
    put(fd, bytes, offset);
    offset += bytes.length;
  }
  const datasum = String(sums[0]! >>> 0);
  return { path, size: offset, shape: [...shape], dtype: 'float32', datasum };
}

const PLANES = ['SCI', 'DQ', 'VAR_POISSON', 'VAR_RNOISE', 'VAR_FLAT', 'ERR', 'WMAP'] as const;
type PlaneName = (typeof PLANES)[number];

const planeOf = (model: ImageModel, name: PlaneName): FloatPlane | FlagPlane | undefined =>
  ({
    SCI: model.sci,
    DQ: model.dq,
    VAR_POISSON: model.varPoisson,
    VAR_RNOISE: model.varRnoise,
    VAR_FLAT: model.varFlat,
    ERR: model.err,
    WMAP: model.wmap,
  })[name];

/** The file for writing past the page cache; no descriptor where the file system (tmpfs, say) or the platform can't. */
function openDirect(path: string): Disposable & { readonly fd: number | undefined } {
  const { O_DIRECT, O_WRONLY } = constants;
  let fd: number | undefined;
  try {
    if (O_DIRECT !== undefined) fd = openSync(path, O_WRONLY | O_DIRECT);
  } catch {
    fd = undefined;
  }
  return {
    fd,
    [Symbol.dispose]() {
      if (fd !== undefined) closeSync(fd);
    },
  };
}

function put(fd: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
}
