import type { ImageModel } from '@iris-drs/datamodels';
import { datasum, Header, planFits, sealHeader } from '@iris-drs/fits';
import type { FlagPlane } from '@iris-drs/kernels';

/** The number of reads in each pixel's fit as an extension READSUSED, uint16, as it stands in a file. */
export const readsUsedHdu = ({ data, shape }: FlagPlane): ImageModel['extra'][number] => {
  const name = 'READSUSED';
  const plan = planFits([
    { kind: 'image', shape: [], dtype: 'uint8' },
    { kind: 'image', name, shape: [...shape], dtype: 'uint16' },
  ]);
  const { headerBytes, dataBytes, paddedBytes } = plan.hdus[1]!;
  const bytes = new Uint8Array(headerBytes.length + paddedBytes);
  const view = new DataView(bytes.buffer, headerBytes.length);
  // Unsigned numbers are signed ones less 2¹⁵ in FITS.
  for (let i = 0; i < data.length; i++) view.setInt16(2 * i, data[i]! - 32768);
  const sealed = sealHeader(
    plan,
    1,
    datasum(bytes.subarray(headerBytes.length, headerBytes.length + dataBytes)),
  );
  bytes.set(sealed);
  return { name, version: 1, header: Header.parse(sealed), bytes };
};
