import { mkdirSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type ImageModel, unitOf } from '@iris-drs/datamodels';
import { addDatasums, Header, type ImageHdu, planFits, sealHeader } from '@iris-drs/fits';
import { writeAtomically } from '@iris-drs/fits/node';
import type { Engine } from '@iris-drs/kernels';

const PARTS = [
  ['SCI', 'sci'],
  ['DQ', 'dq'],
  ['VAR_POISSON', 'varPoisson'],
  ['VAR_RNOISE', 'varRnoise'],
] as const;

/** Writes the frames of single ramps as cubes `[ramps, ny, nx]`, atomically; the headers are the exposure's. */
export const saveRateints = async (
  engine: Engine,
  ramps: readonly ImageModel[],
  path: string,
): Promise<void> => {
  const first = ramps[0]!;
  const [ny, nx] = first.shape;
  const primary = first.header
    .clone()
    .set('FILENAME', basename(path), 'name of the file')
    .set('DATAMODL', 'CubeModel', 'type of data model')
    .set('NINTS', ramps.length, 'ramps');
  const cubes = PARTS.map(([name, plane]): ImageHdu => {
    const header = plane === 'sci' ? first.sciHeader.clone() : Header.from([]);
    const unit = unitOf(name, first.units);
    if (unit) header.set('BUNIT', unit, 'physical unit of the pixels');
    const dtype = plane === 'dq' ? 'uint32' : 'float32';
    return { kind: 'image', name, version: 1, header, shape: [ramps.length, ny, nx], dtype };
  });
  const plan = planFits([{ kind: 'image', header: primary, shape: [], dtype: 'uint8' }, ...cubes]);
  mkdirSync(dirname(path), { recursive: true });
  await writeAtomically(path, async (fd) => {
    writeSync(fd, new Uint8Array(1), 0, 1, plan.byteLength - 1);
    writeSync(fd, sealHeader(plan, 0, 0), 0, undefined, 0);
    for (const [i, [, plane]] of PARTS.entries()) {
      const slot = plan.hdus[i + 1]!;
      const placed = ramps.map((ramp, k) => ({
        plane: ramp[plane],
        offset: slot.dataOffset + k * ny * nx * 4,
      }));
      const sums = await engine.writePlanes(placed, { fd });
      writeSync(fd, sealHeader(plan, i + 1, sums.reduce(addDatasums)), 0, undefined, slot.headerOffset);
    }
  });
};
