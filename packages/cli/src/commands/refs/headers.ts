import { readFileSync, statSync } from 'node:fs';
import type { Fits } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { CliError } from '../../errors.ts';

export type Keywords = Readonly<Record<string, string>>;

/** Keywords that say how a FITS file is laid out, not what was observed. */
const STRUCTURE = /^(SIMPLE|BITPIX|NAXIS\d*|EXTEND|XTENSION|PCOUNT|GCOUNT|CHECKSUM|DATASUM|EXTNAME|EXTVER|)$/;

/** No header of keywords is larger. */
const MAX_JSON_BYTES = 1 << 24;

/** Of a file of several HDUs: the primary header, then that of the first science extension. */
const scienceHdus = ({ hdus }: Fits) =>
  hdus.filter(({ index, name }) => index === 0 || name === 'SCI' || name === 'DATA').slice(0, 2);

/** A value of JSON as the text that rules compare; true and false as FITS writes them. */
const keywordText = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  return value === null ? 'UNDEFINED' : String(value);
};

/** @throws Error saying why a JSON text is no header */
export const keywordsOfJson = (text: string): Keywords => {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('expected an object of keywords and values');
  }
  const header: Record<string, string> = Object.create(null);
  for (const [name, one] of Object.entries(value)) {
    if (typeof one === 'object' && one !== null)
      throw new Error(`the value of ${name} is neither text nor number`);
    header[name] = keywordText(one);
  }
  return header;
};

const jsonFile = (path: string): Keywords => {
  const { size } = statSync(path);
  if (size > MAX_JSON_BYTES) throw new CliError(1, `${path}: ${size} bytes; a header has fewer`);
  try {
    return keywordsOfJson(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CliError(1, `${path}: is no header: ${(error as Error).message}`, error);
  }
};

/**
 * Keywords of a frame as the texts that reference rules compare: of a FITS file, where the primary header counts before
 * that of SCI, or of a .json file that holds them.
 */
export const keywordsOf = async (path: string): Promise<Keywords> => {
  if (/\.json$/i.test(path)) return jsonFile(path);
  using fits = await openFile(path);
  const texts: Record<string, string> = {};
  for (const { header } of scienceHdus(fits)) {
    for (const { keyword, value } of header.cards) {
      if (value === undefined || value === null || Object.hasOwn(texts, keyword) || STRUCTURE.test(keyword))
        continue;
      texts[keyword] = keywordText(value);
    }
  }
  return texts;
};
