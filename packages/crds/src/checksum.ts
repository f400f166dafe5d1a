import { sha1 } from './sha1.ts';

/** Where Python's splitlines() ends a line. */
const LINE_ENDS = new Set('\n\v\f\x1c\x1d\x1e\x85\u2028\u2029');

const linesOf = (text: string): string[] => {
  const lines: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (!LINE_ENDS.has(text[at]!)) continue;
    lines.push(text.slice(start, at + 1));
    start = at + 1;
  }
  return start < text.length ? [...lines, text.slice(start)] : lines;
};

/**
 * sha1sum of a mapping: SHA-1 of the UTF-8 bytes of all lines that do not contain the word `sha1sum`, with their
 * line ends ('\r\n' read as '\n').
 * @see crds/core/rmap.py `_get_checksum`
 */
export const mappingChecksum = (text: string): string => {
  const lines = linesOf(text.replace(/\r\n?/g, '\n'));
  return sha1(new TextEncoder().encode(lines.filter((line) => !line.includes('sha1sum')).join('')));
};
