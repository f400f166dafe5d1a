/** Writing frames: the layout is planned, planes are written in place by the workers, headers are sealed last. */
import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { Header, type ImageHdu, planFits, sealHeader } from '@iris-drs/fits';
import { writeAtomically } from '@iris-drs/fits/node';
import type { Engine, FlagPlane, FloatPlane } from '@iris-drs/kernels';
import { unitOf } from './contract.ts';
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

interface Part {
  readonly name: string;
  readonly plane: FloatPlane | FlagPlane;
  readonly dtype: 'float32' | 'uint32';
  readonly header: Header;
}

/**
 * Writes a frame, atomically: the file appears whole, checksummed and synced, or not at all.
 * Extensions in the order of the contract, then those that are not ours, byte for byte.
 */
export async function saveImage(
  engine: Engine,
  model: ImageModel,
  path: string,
  options: SaveImageOptions = {},
): Promise<SavedFrame> {
  const variances = [model.varPoisson, model.varRnoise, ...(model.varFlat ? [model.varFlat] : [])];
  const made = model.err === undefined && options.err ? await engine.errorOf(variances) : undefined;
  try {
    return await write(engine, model, path, options, partsOf(model, model.err ?? made));
  } finally {
    made?.release();
  }
}

function partsOf(model: ImageModel, err: FloatPlane | undefined): Part[] {
  const planes: [string, FloatPlane | FlagPlane | undefined][] = [
    ['SCI', model.sci],
    ['DQ', model.dq],
    ['VAR_POISSON', model.varPoisson],
    ['VAR_RNOISE', model.varRnoise],
    ['VAR_FLAT', model.varFlat],
    ['ERR', err],
    ['WMAP', model.wmap],
  ];
  return planes.flatMap(([name, plane]) => {
    if (plane === undefined) return [];
    const header = name === 'SCI' ? contentOf(model.sciHeader) : Header.from([]);
    const unit = unitOf(name, model.units);
    if (unit) header.set('BUNIT', unit, 'physical unit of the pixels');
    return [{ name, plane, dtype: name === 'DQ' ? 'uint32' : 'float32', header } satisfies Part];
  });
}

async function write(
  engine: Engine,
  model: ImageModel,
  path: string,
  options: SaveImageOptions,
  parts: readonly Part[],
): Promise<SavedFrame> {
  const primary = contentOf(model.header)
    .set('FILENAME', basename(path), 'name of the file')
    .set('DATE', new Date().toISOString().slice(0, 23), 'UTC date of creation')
    .set('DATAMODL', options.modelType ?? 'ImageModel', 'type of data model');
  const images: ImageHdu[] = parts.map(({ name, dtype, header }) => ({
    kind: 'image',
    name,
    version: 1,
    header,
    shape: model.shape,
    dtype,
  }));
  const plan = planFits([{ kind: 'image', header: primary, shape: [], dtype: 'uint8' }, ...images]);
  const size = plan.byteLength + model.extra.reduce((sum, hdu) => sum + hdu.bytes.length, 0);
  return writeAtomically(path, async (fd, partial) => {
    ftruncateSync(fd, size);
    put(fd, sealHeader(plan, 0, 0), 0);
    const sums: number[] = [];
    using file = openDirect(partial);
    for (const [index, part] of parts.entries()) {
      const slot = plan.hdus[index + 1]!;
      const sum = await engine.writePlane(part.plane, { fd, direct: file.fd, offset: slot.dataOffset });
      put(fd, sealHeader(plan, index + 1, sum), slot.headerOffset);
      sums.push(sum);
    }
    let offset = plan.byteLength;
    for (const { bytes } of model.extra) {
      put(fd, bytes, offset);
      offset += bytes.length;
    }
    return { path, size, shape: [...model.shape], dtype: 'float32', datasum: String(sums[0]! >>> 0) };
  });
}

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
