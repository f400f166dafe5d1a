import { skipSpace } from './text.ts';

/** A triple-quoted value and the index of the line on which it ends. */
export interface TripleValue {
  readonly value: string;
  readonly comment: string;
  readonly lastLine: number;
}

/** Finds the first closing quotes behind which only a comment follows. */
const close = (line: string, quotes: string, from: number): { at: number; comment: string } | undefined => {
  for (let at = line.indexOf(quotes, from); at >= 0; at = line.indexOf(quotes, at + 1)) {
    const next = skipSpace(line, at + 3);
    if (next === line.length || line[next] === '#') return { at, comment: line.slice(next) };
  }
  return undefined;
};

/**
 * Reads a value that begins with three quotes and may go on over lines. No escapes, no lists.
 * @returns undefined when it is not closed, or something follows the closing quotes
 */
export const readTriple = (
  value: string,
  lines: readonly string[],
  index: number,
): TripleValue | undefined => {
  const quotes = value.slice(0, 3);
  const here = close(value, quotes, 3);
  if (here) return { value: value.slice(3, here.at), comment: here.comment, lastLine: index };
  if (value.includes(quotes, 3)) return undefined;
  const parts = [value.slice(3)];
  for (let at = index + 1; at < lines.length; at++) {
    const line = lines[at]!;
    if (!line.includes(quotes)) {
      parts.push(line);
      continue;
    }
    const end = close(line, quotes, 0);
    if (!end) return undefined;
    parts.push(line.slice(0, end.at));
    return { value: parts.join('\n'), comment: end.comment, lastLine: at };
  }
  return undefined;
};
