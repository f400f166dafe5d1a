import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { type FitsPlan, type ImageHdu, planFits, sealHeader } from '@iris-drs/fits';
import { writeHdu } from '@iris-drs/fits/node';
import type { Engine, FloatPlane } from '@iris-drs/kernels';

export const removeFile = (path: string): void => rmSync(path, { force: true });

const putHeader = (fd: number, bytes: Uint8Array): void => {
  if (writeSync(fd, bytes, 0, bytes.length, 0) !== bytes.length)
    throw new Error('the disk took half a header');
};

/** A file of one image by the one-thread writer, neither atomic nor flushed to disk. */
export const writeUnflushed = (path: string, image: ImageHdu, checksum: boolean): void => {
  const plan = planFits([image], { checksum });
  const fd = openSync(path, 'w');
  try {
    writeHdu(fd, plan, 0, image, { checksum });
  } finally {
    closeSync(fd);
  }
};

/** Pixels by the workers, which sum as they go, then the sealed header: what saving a frame does for each plane. */
export const fillByEngine = async (engine: Engine, plane: FloatPlane, fd: number): Promise<void> => {
  const plan: FitsPlan = planFits([{ kind: 'image', shape: plane.shape, dtype: 'float32' }]);
  ftruncateSync(fd, plan.byteLength);
  const sums = await engine.writePlanes([{ plane, offset: plan.hdus[0]!.dataOffset }], { fd });
  putHeader(fd, sealHeader(plan, 0, sums[0]!));
};
