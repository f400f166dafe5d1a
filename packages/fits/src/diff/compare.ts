/** Whether a name is among those to be ignored. */
export type Ignores = (name: string) => boolean;

/** @param patterns  names in any case, with `*`, `?` and `[abc]` as in a shell */
export function ignoring(patterns: readonly string[] = []): Ignores {
  const names = new Set<string>();
  const globs: RegExp[] = [];
  for (const pattern of patterns) {
    const upper = pattern.trim().toUpperCase();
    if (/[*?[]/.test(upper)) globs.push(globOf(upper));
    else names.add(upper);
  }
  return (name) => {
    const upper = name.toUpperCase();
    return names.has(upper) || globs.some((glob) => glob.test(upper));
  };
}

function globOf(pattern: string): RegExp {
  const source = pattern.replace(/\[[^\]]+\]|[^[]|\[/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return part.replace(/[.+^${}()|[\]\\]/, '\\$&');
  });
  return new RegExp(`^${source.replace(/(\.\*)+/g, '.*')}$`, 's');
}

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** NaN is like NaN, and an infinity like itself. */
export function realsDiffer(a: number, b: number, { rtol, atol }: Tolerance): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return false;
  const distance = Math.abs(a - b);
  return !(Number.isFinite(distance) && distance <= atol + rtol * Math.abs(b));
}
