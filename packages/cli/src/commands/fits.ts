import { usageError } from '../errors.ts';

export const usage =
  'fits info|header|get|png|verify|diff|compress|decompress FILE… [--json] [-o FILE]\n' +
  '      info [--json]; header [--hdu N|NAME[,VERSION]] [--keyword K]\n' +
  '      get [--hdu H] [--rows a..b] [--format text|json|fits]\n' +
  '      png [--hdu H] [--plane N] [--size N] [--stretch linear|log|sqrt|asinh] [--cuts=LO,HI]\n' +
  '          [--scale zscale|percentile|minmax] [--colormap grey|viridis|inferno]\n' +
  '      verify [--json] [--quiet] [--hierarch]\n' +
  '      diff A B [--ignore K,…] [--ignore-comments K,…] [--ignore-hdus NAME,…] [--ignore-columns C,…]\n' +
  '          [--rtol R] [--atol A] [--max N] [--json]\n' +
  '      compress|decompress [--force]';
export const summary =
  'look into FITS files: list of HDUs, header cards, pixels and table rows, a picture; does a file conform to the ' +
  'standard, in what do two differ; pack images of integers. Rows are counted from 0, b is not included';

interface Subcommand {
  run(args: readonly string[], usage: string): Promise<number>;
}

const SUBCOMMANDS: Readonly<Record<string, () => Promise<Subcommand>>> = {
  info: () => import('./fits/info.ts'),
  header: () => import('./fits/header.ts'),
  get: () => import('./fits/get.ts'),
  png: () => import('./fits/png.ts'),
  verify: () => import('./fits/verify.ts'),
  diff: () => import('./fits/diff.ts'),
  compress: () => import('./fits/compress.ts'),
  decompress: () => import('./fits/decompress.ts'),
};

export const run = async ([name, ...args]: readonly string[]): Promise<number> => {
  const load = name !== undefined && Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  if (!load) {
    const found = name === undefined ? 'what to do is missing' : `no 'fits ${name}'`;
    throw usageError(`${found}; expected one of ${Object.keys(SUBCOMMANDS).join(', ')}\nusage: drs ${usage}`);
  }
  return (await load()).run(args, usage);
};
