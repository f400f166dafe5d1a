/** Flags in another table than ours, told by a DQ_DEF extension or by the software that wrote the file. */
import { type Fits, readTable } from '@iris-drs/fits';
import type { Engine, FlagPlane } from '@iris-drs/kernels';
import { flagTranslation, translateFlags, translateOldFlags, usesOldFlags } from './dq.ts';

/** Rows of the DQ_DEF table of a file (JWST: BIT, VALUE, NAME, DESCRIPTION), or undefined without one. */
async function readFlagDefinitions(
  fits: Fits,
): Promise<readonly { readonly value: number; readonly name: string }[] | undefined> {
  const hdu = fits.hdus.find((h) => h.name === 'DQ_DEF' && h.kind === 'bintable');
  if (hdu === undefined) return undefined;
  const table = await readTable(fits, hdu);
  const column = (name: string) => table.columns.find((c) => c.name.toUpperCase() === name)?.data;
  const names = column('NAME');
  const values = column('VALUE');
  const bits = column('BIT');
  if (names === undefined || (values ?? bits) === undefined) return undefined;
  return Array.from(names as ArrayLike<unknown>, (name, row) => ({
    name: String(name).trim(),
    value: values ? Number(values[row]) >>> 0 : (2 ** Number(bits![row])) >>> 0,
  }));
}

/** Translates the flags read from a file to our table, in place; answers with what could not be translated. */
export async function applyFlagDefinitions(engine: Engine, fits: Fits, flags: FlagPlane): Promise<string[]> {
  const rows = await readFlagDefinitions(fits);
  if (rows === undefined && !usesOldFlags(fits.hdus[0]!.header)) return [];
  await engine.settled();
  if (rows === undefined) {
    translateOldFlags(flags.data);
    return [];
  }
  const { table, unknown } = flagTranslation(rows);
  translateFlags(flags.data, table);
  return unknown.length === 0 ? [] : [`DQ_DEF names unknown flags, dropped: ${unknown.join(', ')}`];
}
