import { describe, expect, it } from 'vitest';
import { mergeSpecs, parseSpec, specOf } from '../../src/config/spec.ts';
import { formatSpec, specHelp } from '../../src/index.ts';
import { golden, plain } from './golden.ts';

describe('a spec', () => {
  it('is read as stpipe reads it: quotes and commas stay, comments become help', () => {
    for (const { text, ok, comments, error, message } of golden.plain) {
      if (error !== undefined) {
        expect(() => parseSpec(text), text).toThrow(message);
        continue;
      }
      const spec = parseSpec(text);
      expect(plain(spec)).toEqual(ok);
      for (const [key, comment] of Object.entries(comments ?? {}))
        expect(spec.comments.get(key)?.inline ?? '', text).toBe(comment);
    }
  });

  it('of a subclass replaces what it names and keeps the rest', () => {
    const base = parseSpec('skip = boolean(default=False) # Skip\nsuffix = string(default=None) # Suffix');
    const merged = mergeSpecs(
      base,
      parseSpec("suffix = string(default='cal') # Of calibrated frames\nn = integer()"),
    );
    expect(formatSpec(merged)).toBe(
      "skip = boolean(default=False)  # Skip\nsuffix = string(default='cal')  # Of calibrated frames\nn = integer()",
    );
  });

  it('prints as help with what is not obvious of its arguments', () => {
    const spec = parseSpec(`
      sigma = float(default=3.0, min=0)  # Clipping threshold
      maxiters = integer(default=None)  # Number of clipping iterations
      [steps]
        [[flat_field]]
          skip = boolean(default=False)  # Skip this step
          method = option('mean', 'median', default='median')
    `);
    expect(specHelp(spec)).toEqual([
      { name: 'sigma', help: 'Clipping threshold [default=3.0, min=0]' },
      { name: 'maxiters', help: 'Number of clipping iterations' },
      { name: 'steps.flat_field.skip', help: 'Skip this step [default=False]' },
      { name: 'steps.flat_field.method', help: "['mean', 'median', default='median']" },
    ]);
  });

  it('is made of the typed spec of a step', () => {
    const spec = specOf({
      sigma: { type: 'float', default: 3, doc: 'Threshold', min: 0 },
      n: { type: 'integer', default: null, doc: 'Number', min: 1, max: 9 },
      on: { type: 'boolean', default: true, doc: 'Switch' },
      how: { type: 'option', default: 'a', choices: ['a', 'b'], doc: 'Way' },
      text: { type: 'string', default: 'x', doc: 'Text' },
    });
    expect(formatSpec(spec).split('\n')).toEqual([
      'sigma = float(min=0, default=3.0)  # Threshold',
      'n = integer(min=1, max=9, default=None)  # Number',
      'on = boolean(default=True)  # Switch',
      "how = option('a', 'b', default='a')  # Way",
      "text = string(default='x')  # Text",
    ]);
  });
});
