import { AssociationError } from './errors.ts';

/** Without the commas that stand before a closing bracket; texts are left alone. Linear. */
const withoutTrailingCommas = (text: string): string => {
  let result = '';
  let kept = 0;
  let comma = -1;
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (inText) {
      if (char === '\\') at++;
      else if (char === '"') inText = false;
    } else if (char === '"') {
      inText = true;
      comma = -1;
    } else if (char === ',') comma = at;
    else if ((char === ']' || char === '}') && comma >= 0) {
      result += text.slice(kept, comma);
      kept = comma + 1;
      comma = -1;
    } else if (!/\s/.test(char)) comma = -1;
  }
  return result + text.slice(kept);
};

/**
 * Parses the JSON of an association. Trailing commas, which jwst let pass, are accepted with a warning.
 * @throws AssociationError ASN_NOT_JSON
 */
export const parseAssociationJson = (
  text: string,
  file: string,
  warn: (message: string) => void,
): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    try {
      const value: unknown = JSON.parse(withoutTrailingCommas(text));
      warn(
        `Association file ${file} is invalid JSON: extra trailing commas were ignored. Please fix the file.`,
      );
      return value;
    } catch {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new AssociationError(
        'ASN_NOT_JSON',
        file,
        `Association file ${file} is not JSON: ${why}.`,
        cause,
      );
    }
  }
};
