import { describe, expect, it } from 'vitest';
import { canonicalName, HDUS } from '../src/index.ts';

describe('the table of extensions', () => {
  it('names every extension and alias once', () => {
    const names = HDUS.flatMap((row) => [row.name, ...row.aliases]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('knows aliases, and leaves other names alone', () => {
    expect(canonicalName('DATA')).toBe('SCI');
    expect(canonicalName('data')).toBe('SCI');
    expect(canonicalName('ASDF')).toBe('ASDF');
  });
});
