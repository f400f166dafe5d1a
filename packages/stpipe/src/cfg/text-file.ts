import { readFileSync } from 'node:fs';
import { ConfigError } from '../config/errors.ts';

/**
 * The text of a configuration file, UTF-8 or UTF-16 with a byte order mark.
 * @throws ConfigError NOT_FOUND, UnicodeDecodeError
 */
export const textOfFile = (path: string): string => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    const why = reason === 'ENOENT' ? 'not found' : `cannot be read (${reason})`;
    throw new ConfigError('NOT_FOUND', `Config file ${path} ${why}.`, { file: path, cause });
  }
  const label =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigError('UnicodeDecodeError', `Config file ${path} is not ${label} text.`, {
      file: path,
      cause,
    });
  }
};
