import { describe, expect, it } from 'vitest';
import { type Hook, parseHooks } from '../../src/index.ts';

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

  it('are shell commands otherwise', () => {
    expect(only('fitsinfo {0} {1} {0}')).toMatchObject({
      kind: 'command',
      command: 'fitsinfo {0} {1} {0}',
      arguments: [0, 1],
    });
    expect(only('check.py')).toMatchObject({ kind: 'command', arguments: [] });
  });
});
