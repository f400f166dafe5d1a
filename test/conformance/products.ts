import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { initialiseCache } from '@iris-drs/crds';
import { Header } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { writeRamp } from '../fixtures/hand-made.ts';
import { observe, openChain } from '../science/chain.ts';

/** A file that a stage has written, and the HDUs that it must have. */
export interface Made {
  readonly what: string;
  readonly path: string;
  readonly hdus: readonly string[];
}

const L1 = ['PRIMARY', 'SCI', 'DQ', 'VAR_POISSON', 'VAR_RNOISE'];
const L2A = [...L1, 'VAR_FLAT'];
const L2 = [...L2A, 'ERR'];

/** Products of a simulated observation with all references, on two detectors that are not square. */
const simulated = async (directory: string): Promise<Made[]> => {
  const dir = join(directory, 'simulated');
  const refs = join(dir, 'refs');
  mkdirSync(dir);
  const options = { size: [72, 100] as const, stars: 3, science: 1, sky: 2, ramps: 2, reads: 4 };
  const files = await observe({ dir, refs, ...options, threads: 0 });
  const chain = await openChain(dir, refs);
  const made: Made[] = [];
  const calibrated: string[] = [];
  for (const { path, role } of files) {
    const rate = await chain.readout(path);
    const flt = await chain.calib(rate);
    calibrated.push(flt);
    made.push(
      { what: `simulated ${role} L1`, path: rate, hdus: L1 },
      { what: `simulated ${role} L2a`, path: flt, hdus: L2A },
    );
  }
  const [science = '', ...skies] = calibrated;
  made.push(
    { what: 'simulated L2, two skies', path: await chain.imager(science, skies), hdus: L2 },
    { what: 'simulated L2, own median', path: await chain.imager(science, []), hdus: L2 },
  );
  return made;
};

/** Products of files as somebody with FITS software alone would make them, without any reference. */
const handMade = async (directory: string): Promise<Made[]> => {
  const dir = join(directory, 'hand-made');
  const refs = join(dir, 'refs');
  mkdirSync(dir);
  await initialiseCache(refs);
  const chain = await openChain(dir, refs);
  const ramp = join(dir, 'ramp.fits');
  const size = { detector: 'IMG1', ny: 7, nx: 11, reads: 5, groupSeconds: 10 };
  writeRamp({ path: ramp, ...size, rate: (x, y) => 5 + x + 3 * y });
  const rate = await chain.readout(ramp, { 'readoutsamp.mode': 'mcds' });
  const flt = await chain.calib(rate);

  // Everything in the primary HDU, long and odd keywords, an extension that nobody knows.
  const frame = join(dir, 'frame.fits');
  const header = Header.from([
    ['BUNIT', 'DN', 'as read'],
    ['EXPTIME', 12.5],
    ['DETECTOR', 'IMG3'],
    ['CTYPE1', 'RA---TAN'],
    ['CTYPE2', 'DEC--TAN'],
    ['CRPIX1', 3.5],
    ['CRPIX2', 2],
    ['CRVAL1', 40.17],
    ['CRVAL2', -0.013],
    ['CD1_1', -1e-6],
    ['CD2_2', 1e-6],
    ['RADESYS', 'ICRS'],
    ['OBSERVER', `${'a long list of names, '.repeat(8)}and O'Hara`],
  ]).set('TMT DETECTOR TEMPERATURE', 38.5, '[K]');
  header.comment('made by hand').history('and by nobody else');
  const data = Int32Array.from({ length: 77 }, (_, i) => 1000 * i - 5000);
  const table = { name: 'X', format: '1E', data: Float32Array.of(1, 2, 3) } as const;
  writeFile(frame, [
    { kind: 'image', header, shape: [7, 11], data },
    { kind: 'bintable', name: 'LOGBOOK', columns: [table] },
  ]);
  const raw = await chain.calib(frame);
  return [
    { what: 'hand-made L1', path: rate, hdus: L1 },
    { what: 'hand-made L2a, nothing applied', path: flt, hdus: L1 },
    { what: 'hand-made L2', path: await chain.imager(flt, [flt]), hdus: [...L1, 'ERR'] },
    { what: 'raw frame with an unknown extension', path: raw, hdus: [...L1, 'LOGBOOK'] },
  ];
};

export const makeProducts = async (directory: string): Promise<Made[]> => [
  ...(await simulated(directory)),
  ...(await handMade(directory)),
];
