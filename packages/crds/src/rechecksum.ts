import { mappingChecksum } from './checksum.ts';
import { CrdsError } from './errors.ts';
import { isKind } from './python/literal.ts';
import { parseSections } from './python/parse.ts';
import { repr, str } from './python/text.ts';

/** The sum that a mapping's header gives and the one that its text has. */
export interface MappingSum {
  /** Undefined when the header gives none. */
  readonly given?: string;
  readonly actual: string;
}

/** @throws MappingFormatError for a text that is no mapping */
export const mappingSum = (text: string, file: string): MappingSum => {
  const header = parseSections(text, file).get('header');
  const entries = isKind(header, 'dict') ? header.entries : [];
  const given = entries.find(([key]) => key === 'sha1sum')?.[1];
  const actual = mappingChecksum(text);
  return given === undefined ? { actual } : { given: str(given), actual };
};

const GIVEN = /^([^\n#]*?(['"])sha1sum\2\s*:\s*)(['"])[^'"\n]*\3/m;

/**
 * The text with the right sha1sum in its header, otherwise unchanged; one that has none gets a line for it. Line ends
 * become `\n`.
 *
 * @throws MappingFormatError; CrdsError ChecksumError when the place for the sum cannot be found
 */
export const withChecksum = (text: string, file: string): string => {
  const { given } = mappingSum(text, file);
  const plain = text.replace(/\r\n?/g, '\n');
  const placed =
    given === undefined
      ? plain.replace(/^(\s*header\s*=\s*\{)[ \t]*(\n?)/m, "$1\n    'sha1sum' : '',\n")
      : plain;
  const sum = mappingChecksum(placed);
  const fresh = placed.replace(GIVEN, (_all, before: string) => `${before}'${sum}'`);
  const { given: now, actual } = mappingSum(fresh, file);
  if (now === actual) return fresh;
  const message = `${file}: no place for its sha1sum ${repr(actual)} was found; write it into the header by hand.`;
  throw new CrdsError('ChecksumError', message, { file });
};
