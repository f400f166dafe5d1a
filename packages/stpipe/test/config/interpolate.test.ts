import { describe, expect, it } from 'vitest';
import { interpolate } from '../../src/config/interpolate.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { plain } from './golden.ts';

const read = (text: string) => plain(interpolate(parseConfig(text).root));

describe('%(name)s', () => {
  it('is looked for in the section, its DEFAULT, then the sections around it', () => {
    const text =
      'a = top\n[DEFAULT]\nb = default\n[s]\nx = %(a)s %(b)s %(c)s\nc = own\n[[t]]\ny = %(c)s, %(b)s';
    expect(read(text)).toMatchObject({ s: { x: 'top default own', t: { y: ['own', 'default'] } } });
  });

  it('that doubles at every name ends in an error, not in memory', () => {
    const doubling = (last: string) =>
      Array.from({ length: 60 }, (_, i) => `a${i} = %(a${i + 1})s%(a${i + 1})s`).join('\n') +
      `\na60 = ${last}`;
    expect(() => read(doubling('x'))).toThrow(/substitutions/);
    expect(() => read(doubling("''"))).toThrow(/substitutions/);
  });

  it('through a thousand names ends in an error', () => {
    const chain = Array.from({ length: 1000 }, (_, i) => `a${i} = %(a${i + 1})s`).join('\n');
    expect(() => read(`${chain}\na1000 = x`)).toThrow('maximum recursion depth exceeded');
  });

  it('unclosed a hundred thousand times takes no longer than the text', () => {
    const text = `k = ${'%('.repeat(100_000)})x`;
    expect(read(text)).toEqual({ k: text.slice(4) });
  });
});
