import { usageError } from '../errors.ts';

export const usage =
  'fits info|header|get|png FILE… [--hdu N|NAME[,VERSION]] [--json] [--keyword K] [--rows a..b] ' +
  '[--format text|json|fits] [--plane N] [--size N] [-o FILE]';
export const summary =
  'look into FITS files: list of HDUs, header cards, pixels and table rows, a picture (zscale, grey). ' +
  'Rows are counted from 0, b is not included';

interface Subcommand {
  run(args: readonly string[], usage: string): Promise<number>;
}

const SUBCOMMANDS: Readonly<Record<string, () => Promise<Subcommand>>> = {
  info: () => import('./fits/info.ts'),
  header: () => import('./fits/header.ts'),
  get: () => import('./fits/get.ts'),
  png: () => import('./fits/png.ts'),
};

export const run = async ([name, ...args]: readonly string[]): Promise<number> => {
  const load = name === undefined ? undefined : SUBCOMMANDS[name];
  if (!load) {
    const found = name === undefined ? 'what to do is missing' : `no 'fits ${name}'`;
    throw usageError(`${found}; expected one of ${Object.keys(SUBCOMMANDS).join(', ')}\nusage: drs ${usage}`);
  }
  return (await load()).run(args, usage);
};
