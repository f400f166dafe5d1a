import type { Fits } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';

/** Keywords that say how a FITS file is laid out, not what was observed. */
const STRUCTURE = /^(SIMPLE|BITPIX|NAXIS\d*|EXTEND|XTENSION|PCOUNT|GCOUNT|CHECKSUM|DATASUM|EXTNAME|EXTVER|)$/;

/** Of a file of several HDUs: the primary header, then those of the science extensions. */
const scienceHdus = ({ hdus }: Fits) =>
  hdus.filter(({ index, name }) => index === 0 || name === 'SCI' || name === 'DATA').slice(0, 2);

/** Keywords of a frame as the texts that reference rules compare; the primary header counts before that of SCI. */
export const keywordsOf = async (path: string): Promise<Record<string, string>> => {
  using fits = await openFile(path);
  const texts: Record<string, string> = {};
  for (const { header } of scienceHdus(fits)) {
    for (const { keyword, value } of header.cards) {
      if (value === undefined || value === null || Object.hasOwn(texts, keyword) || STRUCTURE.test(keyword))
        continue;
      texts[keyword] = typeof value === 'boolean' ? (value ? 'T' : 'F') : String(value);
    }
  }
  return texts;
};
