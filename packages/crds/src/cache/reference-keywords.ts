import { openFile } from '@iris-drs/fits/node';
import { CrdsError } from '../errors.ts';

/**
 * Keywords of a reference, as the texts that rules compare: of the primary header, then of the first extension.
 * @throws CrdsError NotAReference for what is no FITS file
 */
export const referenceKeywords = async (path: string, file: string): Promise<Record<string, string>> => {
  try {
    using fits = await openFile(path);
    const texts: Record<string, string> = {};
    const headers = fits.hdus.slice(0, 2).map(({ header }) => header);
    for (const { keyword, value } of headers.flatMap(({ cards }) => cards)) {
      if (value === undefined || value === null || Object.hasOwn(texts, keyword)) continue;
      texts[keyword] = typeof value === 'boolean' ? (value ? 'T' : 'F') : String(value);
    }
    return texts;
  } catch (error) {
    const message = `${file} cannot be read as FITS: ${(error as Error).message}`;
    throw new CrdsError('NotAReference', message, { file, cause: error });
  }
};
