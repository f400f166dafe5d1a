import { closeSync, openSync, writeSync } from 'node:fs';
import { type Fits, type Hdu, type Image, readImage, readTable, type Table } from '@iris-drs/fits';
import { parse } from '../../args.ts';
import { CliError, usageError } from '../../errors.ts';
import { forEachFile, hasData, print, refuseOverwriting, selectHdu } from './files.ts';
import { writePart } from './part.ts';
import { cutTable, type Rows } from './rows.ts';
import { imageJson, imageText, tableJson, tableText } from './values.ts';

const FORMATS = ['text', 'json', 'fits'] as const;
type Format = (typeof FORMATS)[number];

const parseRows = (text: string | undefined): Rows | undefined => {
  if (text === undefined) return undefined;
  const [, a, b] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  if (a === undefined || b === undefined || Number(a) >= Number(b)) {
    throw usageError(`--rows ${text}: expected a..b, counted from 0, b beyond the last row`);
  }
  return [Number(a), Number(b)];
};

const parseFormat = (text: string | undefined): Format => {
  const format = FORMATS.find((name) => name === (text ?? 'text'));
  if (format) return format;
  throw usageError(`--format ${text}: expected ${FORMATS.join(', ')}`);
};

type Content =
  | { readonly kind: 'image'; readonly image: Image }
  | { readonly kind: 'table'; readonly table: Table };

const read = async (fits: Fits, hdu: Hdu, rows: Rows | undefined): Promise<Content> => {
  if (hdu.kind !== 'bintable' && hdu.kind !== 'table') {
    if (rows && hdu.shape.length < 2) {
      throw new CliError(1, `${fits.name}, HDU ${hdu.index}: one axis, no rows to choose from`);
    }
    return { kind: 'image', image: await readImage(fits, hdu, rows ? { rows } : {}) };
  }
  const table = await readTable(fits, hdu);
  return { kind: 'table', table: rows ? cutTable(table, rows, `${fits.name}, HDU ${hdu.index}`) : table };
};

const pieces = (content: Content, format: Format, path: string, hdu: Hdu): Iterable<string> => {
  if (content.kind === 'image')
    return format === 'json' ? imageJson(content.image, path, hdu) : imageText(content.image);
  return format === 'json' ? tableJson(content.table, path, hdu) : tableText(content.table);
};

/** `drs fits get`: pixels of an image or rows of a table, as text, JSON, or a FITS file of that HDU alone. */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    {
      hdu: { type: 'string' },
      rows: { type: 'string' },
      format: { type: 'string' },
      output: { type: 'string', short: 'o' },
    },
    usage,
  );
  const rows = parseRows(values.rows);
  const format = parseFormat(values.format);
  const { output } = values;
  if (format === 'fits' && (output === undefined || positionals.length > 1)) {
    throw usageError(
      `--format fits writes one file to another: one FILE and -o are needed\nusage: drs ${usage}`,
    );
  }
  refuseOverwriting(values.output, positionals);
  const fd = format === 'fits' || output === undefined ? undefined : openSync(output, 'w');
  const put = async (text: string): Promise<void> => {
    if (fd === undefined) await print(text);
    else writeSync(fd, text);
  };
  try {
    return await forEachFile(positionals, usage, async (fits, path) => {
      const hdu = values.hdu === undefined ? fits.hdus.find(hasData) : selectHdu(fits, values.hdu);
      if (!hdu) throw new CliError(1, `${path}: no HDU holds data`);
      const content = await read(fits, hdu, rows);
      if (format === 'fits') writePart(output!, hdu, content, rows);
      else for (const piece of pieces(content, format, path, hdu)) await put(piece);
    });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
};
