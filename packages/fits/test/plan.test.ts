import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  addDatasums,
  datasum,
  FitsError,
  type HduInit,
  planFits,
  readImage,
  sealHeader,
} from '../src/index.ts';
import { openFile, writeAtomically, writeHdu } from '../src/node.ts';
import { fitsverify, temporaryDirectory } from './oracle.ts';

const directory = temporaryDirectory();

/** Big-endian bytes of floats. */
function bigEndian(values: Float32Array): Buffer {
  return Buffer.from(Float32Array.from(values).buffer).swap32();
}

describe('a plan for parallel writers', () => {
  const sci = Float32Array.from({ length: 3 * 50 * 70 }, (_, i) => Math.sin(i));
  const table: HduInit = {
    kind: 'bintable',
    name: 'T',
    columns: [{ name: 'A', data: Int32Array.of(1, 2, 3) }],
  };
  const primary: HduInit = { kind: 'image', shape: [] };
  const hdus: HduInit[] = [
    primary,
    { kind: 'image', name: 'SCI', shape: [3, 50, 70], dtype: 'float32' },
    table,
  ];

  it('lets planes be put in place in any order and sealed with the sum of their sums', async () => {
    const path = join(directory, 'planes.fits');
    const plan = planFits(hdus);
    await writeAtomically(path, (fd) => {
      const hdu = plan.hdus[1]!;
      const planeBytes = 50 * 70 * 4;
      let sum = 0;
      for (const plane of [2, 0, 1]) {
        const bytes = bigEndian(sci.subarray(plane * 3500, (plane + 1) * 3500));
        sum = addDatasums(sum, datasum(bytes));
        writeSync(fd, bytes, 0, bytes.length, hdu.dataOffset + plane * planeBytes);
      }
      writeSync(
        fd,
        new Uint8Array(hdu.paddedBytes - hdu.dataBytes),
        0,
        undefined,
        hdu.dataOffset + hdu.dataBytes,
      );
      const sealed = sealHeader(plan, 1, sum);
      writeSync(fd, sealed, 0, sealed.length, hdu.headerOffset);
      writeHdu(fd, plan, 0, primary);
      writeHdu(fd, plan, 2, table);
    });
    using fits = await openFile(path);
    expect(fits.source.byteLength).toBe(plan.byteLength);
    expect((await readImage(fits, fits.hdu('SCI'))).data).toEqual(sci);
    const report = fitsverify(path);
    if (report) expect(report).toContain('0 warning(s) and 0 error(s)');
  });

  it('refuses to seal what it does not hold', () => {
    expect(() => sealHeader(planFits(hdus), 9, 0)).toThrow(FitsError);
    expect(() => sealHeader(planFits(hdus, { checksum: false }), 1, 0)).toThrow('without checksums');
  });
});
