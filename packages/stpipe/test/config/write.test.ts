import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { formatConfig, formatValue } from '../../src/config/write.ts';
import { configToJson } from '../../src/index.ts';
import { golden, plain } from './golden.ts';

describe('a configuration as text', () => {
  it('quotes values as ConfigObj does', () => {
    expect(golden.quoted.map(({ value }) => formatValue(value))).toEqual(
      golden.quoted.map(({ text }) => text),
    );
  });

  it('reads back as the same values', () => {
    for (const { text, all, ok } of golden.parse) {
      if (all !== undefined || ok === undefined) continue;
      const document = parseConfig(text);
      let written: string;
      try {
        written = formatConfig(document);
      } catch (error) {
        expect(error).toHaveProperty('message', expect.stringMatching(/cannot be safely quoted/));
        continue;
      }
      expect(plain(parseConfig(written).root), written).toEqual(plain(document.root));
    }
  });

  it('keeps comments and indentation', () => {
    const text =
      '# start\n\na = 1 # one\n[s] # section\n  # before b\n  b = x, y\n  [[t]]\n    c = """q"""\n# end';
    expect(formatConfig(parseConfig(text))).toBe(
      '# start\n\na = 1 # one\n[s] # section\n  # before b\n  b = x, y\n  [[t]]\n    c = q\n# end',
    );
  });

  it('puts a comment that holds quotes on its own line, where it cannot become part of the value', () => {
    const document = parseConfig('k = # ,)",');
    expect(formatConfig(document)).toBe('# ,)",\nk = ""');
  });
});

describe('a configuration as JSON', () => {
  it('keeps names that mean something to JavaScript, values before sections', () => {
    const { root } = parseConfig('[s]\n2 = b\n1 = a\n[__proto__]\nx = 1, 2');
    expect(configToJson(root)).toBe('{"s": {"2": "b", "1": "a"}, "__proto__": {"x": ["1", "2"]}}');
  });

  it('is indented when asked', () => {
    const { root } = parseConfig('a = 1\n[s]\nb = 2\n[e]');
    expect(configToJson(root, 2)).toBe('{\n  "a": "1",\n  "s": {\n    "b": "2"\n  },\n  "e": {}\n}');
  });
});
