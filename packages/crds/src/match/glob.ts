/**
 * fnmatch of Python on the whole text: `*`, `?`, `[abc]`, `[!abc]`. At most |pattern| × |text| steps.
 */
type Piece = '*' | ((character: string) => boolean);

const pieces = (pattern: string): Piece[] => {
  const out: Piece[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const c = pattern[at]!;
    if (c === '*') {
      if (out.at(-1) !== '*') out.push('*');
    } else if (c === '?') out.push(() => true);
    else {
      const negated = pattern[at + 1] === '!';
      const close = c === '[' ? pattern.indexOf(']', at + (negated ? 3 : 2)) : -1;
      if (close < 0) out.push((character) => character === c);
      else {
        const members = ranges(pattern.slice(at + (negated ? 2 : 1), close));
        out.push((character) => members(character) !== negated);
        at = close;
      }
    }
  }
  return out;
};

const ranges = (text: string): ((character: string) => boolean) => {
  const tests: [low: string, high: string][] = [];
  for (let at = 0; at < text.length; at++) {
    const low = text[at]!;
    const isRange = text[at + 1] === '-' && at + 2 < text.length;
    tests.push([low, isRange ? text[at + 2]! : low]);
    if (isRange) at += 2;
  }
  return (character) => tests.some(([low, high]) => character >= low && character <= high);
};

/** True when the text as a whole matches the pattern. */
export const compileGlob = (pattern: string): ((text: string) => boolean) => {
  const program = pieces(pattern);
  return (text) => {
    let piece = 0;
    let star = -1;
    let starAt = 0;
    let at = 0;
    while (at < text.length) {
      const current = program[piece];
      if (current === '*') {
        star = piece++;
        starAt = at;
      } else if (current?.(text[at]!)) {
        piece++;
        at++;
      } else if (star >= 0) {
        piece = star + 1;
        at = ++starAt;
      } else return false;
    }
    while (program[piece] === '*') piece++;
    return piece === program.length;
  };
};

/** True for keys that CRDS does not check against the list of values (`esoteric_key`). */
export const isEsoteric = (raw: string): boolean => {
  const key = raw.toUpperCase();
  return (/^[{(#]/.test(key) && /[})#]$/.test(key)) || key.startsWith('BETWEEN') || key.startsWith('NOT');
};

/** The alternatives of `A|B|C`, sorted; any other value alone. */
export const globList = (value: string): string[] =>
  !isEsoteric(value) && value.includes('|')
    ? value
        .split('|')
        .map((part) => part.trim())
        .filter(Boolean)
        .sort()
    : [value];
