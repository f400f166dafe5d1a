import { describe, expect, it } from 'vitest';
import { commandLine, type Hook, parseHooks } from '../../src/index.ts';

const only = (text: string): Hook => parseHooks('pre', [text])[0]!;

describe('hooks', () => {
  it('are named by when and where they stand', () => {
    expect(parseHooks('post', ['a b', 'c d']).map(({ name }) => name)).toEqual(['post_hook0', 'post_hook1']);
  });

  it('may be one of our steps', () => {
    expect(only('iris_pipeline.FlatFieldStep')).toEqual({
      kind: 'step',
      name: 'pre_hook0',
      step: 'flat_field',
      options: new Map(),
    });
  });

  it('may be a step with options', () => {
    const hook = only(
      `iris_pipeline.BackgroundStep(sigma=2.5, maxiters = 4, skip=False, x=None, l=['a', ("b\\n", -1e3,)], )`,
    );
    expect(hook).toMatchObject({
      kind: 'step',
      step: 'bkg_subtract',
      options: new Map<string, unknown>([
        ['sigma', 2.5],
        ['maxiters', 4],
        ['skip', false],
        ['x', null],
        ['l', ['a', ['b\n', -1000]]],
      ]),
    });
  });

  it.each([
    'iris_pipeline.BackgroundStep(sigma=open("x"))',
    'BackgroundStep(3)',
    'BackgroundStep(sigma=',
    "BackgroundStep(a='x)",
  ])('refuse %s, which is code', (text) => {
    expect(() => only(text)).toThrow(/plain Python values/);
  });

  it('may be a function of Python', () => {
    expect(only('mypackage.fixes.despike')).toMatchObject({
      kind: 'function',
      module: 'mypackage.fixes',
      function: 'despike',
    });
  });

  it('may be a function of a module', () => {
    expect(only('./fixes/despike.mjs:despike')).toEqual({
      kind: 'module',
      name: 'pre_hook0',
      file: './fixes/despike.mjs',
      function: 'despike',
    });
  });

  it('are shell commands otherwise', () => {
    expect(only('fitsinfo {0} {1} {0}')).toMatchObject({ kind: 'command', command: 'fitsinfo {0} {1} {0}' });
    expect(only('check.py')).toMatchObject({ kind: 'command' });
    expect(() => only('  ')).toThrow(/empty/);
  });
});

describe('the command of a hook', () => {
  it('has its arguments as words of the shell', () => {
    expect(commandLine('a {1} {0} {args}', ['/x/y.fits', "it's"])).toBe(
      "a 'it'\\''s' /x/y.fits /x/y.fits 'it'\\''s'",
    );
  });

  it('has doubled braces as braces and leaves others alone', () => {
    expect(commandLine("awk '{{print {0}}}' {x} $HOME", ['f'])).toBe("awk '{print f}' {x} $HOME");
  });

  it('cannot ask for more than there is', () => {
    expect(() => commandLine('a {1}', ['f'])).toThrow(/no argument \{1\}.*given \{0\}/);
    expect(() => commandLine('a {2}', ['f', 'g'])).toThrow(/\{0\} to \{1\}/);
  });
});
