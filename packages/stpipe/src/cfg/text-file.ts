import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from '../config/errors.ts';

/** No configuration is larger: one with every option of every step has 20 kB. */
const MAX_BYTES = 1 << 20;

/** The bytes of a configuration file. @throws ConfigError NOT_FOUND; ParseError of what is too large to be one */
export const bytesOfFile = (path: string): Buffer => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined && !stat.isFile())
    throw new ConfigError('NOT_FOUND', `Config file ${path} is no file.`, { file: path });
  if (stat !== undefined && stat.size > MAX_BYTES) {
    const found = `has ${stat.size} bytes; expected a configuration of at most ${MAX_BYTES}`;
    throw new ConfigError('ParseError', `Config file ${path} ${found}.`, { file: path });
  }
  try {
    return readFileSync(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    const why = reason === 'ENOENT' ? 'not found' : `cannot be read (${reason})`;
    throw new ConfigError('NOT_FOUND', `Config file ${path} ${why}.`, { file: path, cause });
  }
};

/**
 * The text that a file's bytes are: UTF-8, or UTF-16 with a byte order mark.
 * @throws ConfigError UnicodeDecodeError
 */
export const decodeText = (bytes: Uint8Array, path: string): string => {
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
