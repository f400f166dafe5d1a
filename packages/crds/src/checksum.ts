import { hash } from 'node:crypto';

/** Where Python's splitlines() ends a line. */
const LINE_ENDS = new Set('\n\v\f\x1c\x1d\x1e\x85\u2028\u2029');

/** The text without its lines that contain a word. */
const withoutLines = (text: string, word: string): string => {
  const kept: string[] = [];
  let start = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, start)) {
    let begin = at;
    while (begin > start && !LINE_ENDS.has(text[begin - 1]!)) begin--;
    let end = at + word.length;
    while (end < text.length && !LINE_ENDS.has(text[end]!)) end++;
    kept.push(text.slice(start, begin));
    start = end + 1;
  }
  kept.push(text.slice(start));
  return kept.join('');
};

/**
 * sha1sum of a mapping: SHA-1 of the UTF-8 bytes of all lines that do not contain the word `sha1sum`, with their
 * line ends ('\r\n' read as '\n').
 * @see crds/core/rmap.py `_get_checksum`
 */
export const mappingChecksum = (text: string): string => {
  const plain = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  return hash('sha1', withoutLines(plain, 'sha1sum'));
};
