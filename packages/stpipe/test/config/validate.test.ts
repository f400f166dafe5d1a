import { describe, expect, it } from 'vitest';
import { interpolate } from '../../src/config/interpolate.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { parseSpec } from '../../src/config/spec.ts';
import { validateConfig } from '../../src/config/validate.ts';
import { ConfigError } from '../../src/index.ts';
import { golden, plain } from './golden.ts';

const outcome = (text: string, spec: string): Record<string, unknown> => {
  try {
    const { config, messages } = validateConfig(interpolate(parseConfig(text).root), parseSpec(spec));
    return { text, spec, messages, ok: plain(config) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { text, spec, error: error.code, message: error.message };
  }
};

describe('a spec applied to a configuration', () => {
  it('gives the values and the messages that ConfigObj and stpipe give', () => {
    expect(golden.validation.length).toBeGreaterThan(90);
    expect(golden.validation.map(({ text, spec }) => outcome(text, spec))).toEqual(golden.validation);
  });

  it('takes a section for a value as ConfigObj does', () => {
    expect(outcome('[i]\na = 1', 'i = integer(default=3)')).toMatchObject({
      error: 'AttributeError',
      message: "'int' object has no attribute 'configspec'",
    });
  });

  it('tells a section that is missing as a whole', () => {
    expect(outcome('', '[s]\na = integer()\nb = float()')).toMatchObject({
      messages: ["Config parameter 's/[missing section]': missing"],
    });
  });

  it('leaves the configuration that it is given alone', () => {
    const { root } = parseConfig('i = 7');
    validateConfig(root, parseSpec('i = integer()\nj = integer(default=1)'));
    expect(plain(root)).toEqual({ i: '7' });
  });

  it.each([
    ['a = integer(default=1, min=x)', 'passed an incorrect value "x" for parameter "min".'],
    ["a = option('x, default='x)", /Bad syntax in check/],
    ['a = list(default=list(1, 2)', /Bad syntax in check/],
  ])('says what is wrong with the spec %s', (spec, message) => {
    expect(() => validateConfig(parseConfig('').root, parseSpec(spec))).toThrow(message);
  });

  it('knows no check of another name', () => {
    expect(outcome('a = 1', 'a = yoda(default=1)')).toMatchObject({
      messages: [`Config parameter 'a': the check "yoda" is unknown.`],
    });
  });
});
