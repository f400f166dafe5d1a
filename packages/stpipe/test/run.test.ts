import { buildCache, type CacheRules, localReferences } from '@iris-drs/crds';
import { openDark } from '@iris-drs/datamodels';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorOf, image, openWorkbench, primary } from '../../../test/fixtures/workbench.ts';
import { defineStep, type Model, runSteps, VERSION } from '../src/index.ts';

const bench = openWorkbench();
const shape = [4, 6] as const;
/** What a small plane takes of the pool. */
const PLANE = 4096;

interface Counter extends Model {
  readonly done: string[];
}

/** A step that says what it was given. */
const step = (name: string, referenceTypes: readonly string[] = [], optional: readonly string[] = []) =>
  defineStep<Counter, { n: { type: 'integer'; default: number; doc: string } }>({
    name,
    doc: `does ${name}`,
    spec: { n: { type: 'integer', default: 1, doc: 'a number' } },
    referenceTypes,
    optionalReferenceTypes: optional,
    async process(model, { n }, { reference }) {
      for (const type of [...referenceTypes, ...optional]) {
        const dark = await reference(type, openDark);
        model.done.push(`${name} ${type} ${dark?.sci.data[0] ?? 'none'}`);
      }
      model.done.push(`${name} n=${n}`);
    },
  });

const model = (cards: Record<string, string | number> = {}): Counter => {
  const { header, sciHeader } = bench.frame(shape, { sci: () => 0 }, { DETECTOR: 'IMG1', ...cards });
  return { header, sciHeader, shape, done: [] };
};

const dark = (value: number, name = `dark${value}.fits`): string =>
  bench.write(
    name,
    primary(),
    image('SCI', shape, () => value, { BUNIT: 'DN/s' }),
  );

const rules = (file: string, detector = 'IMG1'): CacheRules => ({
  parameters: ['META.INSTRUMENT.DETECTOR'],
  references: [{ match: [detector], useAfter: '2001-01-01 00:00:00', file, from: dark(5) }],
});

const crds = bench.path('own-crds');
const references = () => localReferences({ path: crds });
beforeAll(async () => {
  // dark: for IMG1; bias: for another detector; mask: none ever; flat and the rest are not listed.
  const types = { dark: rules('own_dark.fits'), bias: rules('own_bias.fits', 'IMG4'), mask: 'N/A' as const };
  await buildCache(crds, { types });
});

const CARDS = { 'DATE-OBS': '2031-01-01', 'TIME-OBS': '00:00:00' };

describe('a step', () => {
  it('gets its reference, and is recorded as COMPLETE with reference, context and software', async () => {
    const frame = model(CARDS);
    expect(await bench.run([step('dark_current', ['dark'])], frame, {}, references())).toMatchObject([
      { step: 'dark_current', state: 'COMPLETE' },
    ]);
    expect(frame.done).toEqual(['dark_current dark 5', 'dark_current n=1']);
    const { header } = frame;
    expect(['S_DARK', 'R_DARK', 'CRDS_CTX', 'CAL_VER'].map((keyword) => header.get(keyword))).toEqual([
      'COMPLETE',
      'crds://own_dark.fits',
      'tmt_0001.pmap',
      VERSION,
    ]);
    expect(bench.lines.map((line) => line.replace(/'?\/\S*\//, ''))).toEqual([
      "INFO Prefetch for DARK reference file is own_dark.fits'.",
      'INFO Using DARK reference file own_dark.fits',
      'INFO Step dark_current done',
    ]);
  });

  it('is SKIPPED by its option, without asking for references', async () => {
    const frame = model();
    const outcomes = await bench.run(
      [step('dark_current', ['bias'])],
      frame,
      { 'dark_current.skip': 'true' },
      references(),
    );
    expect(outcomes).toMatchObject([{ state: 'SKIPPED', reason: 'skip = True' }]);
    expect([frame.header.get('S_DARK'), frame.header.has('CRDS_CTX'), frame.done]).toEqual([
      'SKIPPED',
      false,
      [],
    ]);
  });

  it.each([
    ['mask', 'R_MASK', 'the rules say N/A'],
    ['flat', 'R_FLAT', 'the rules do not list the type'],
  ])('is SKIPPED when it needs a %s and %s: %s', async (type, keyword) => {
    const frame = model(CARDS);
    const outcomes = await bench.run([step('dq_init', [type])], frame, {}, references());
    expect(outcomes).toMatchObject([
      { state: 'SKIPPED', reason: `no ${type.toUpperCase()} reference applies (N/A)` },
    ]);
    expect([frame.header.get('S_DQINIT'), frame.header.get(keyword), frame.done]).toEqual([
      'SKIPPED',
      'N/A',
      [],
    ]);
  });

  it('runs without an optional reference, and says N/A', async () => {
    const frame = model(CARDS);
    await bench.run([step('readoutsamp', [], ['mask'])], frame, {}, references());
    expect(frame.done).toEqual(['readoutsamp mask none', 'readoutsamp n=1']);
    expect([frame.header.get('S_RAMP'), frame.header.get('R_MASK')]).toEqual(['COMPLETE', 'N/A']);
  });

  it('fails for good when the rules have no file for the frame', async () => {
    const failed = bench.run([step('superbias', ['bias'])], model(CARDS), {}, references());
    expect(await errorOf(failed)).toMatch(
      /^REFERENCE_NOT_FOUND: No BIAS reference for this frame: \w+: .*Add a rule for it, or skip step superbias\.$/,
    );
    await expect(failed).rejects.toMatchObject({ retriable: false, step: 'superbias' });
  });

  it('may find that there is nothing to do', async () => {
    const frame = model();
    const idle = defineStep<Counter, Record<never, never>>({
      ...step('bkg_subtract'),
      spec: {},
      async process(_model, _options, { skip }) {
        skip('nothing to do');
      },
    });
    expect(await bench.run([idle], frame)).toMatchObject([{ state: 'SKIPPED', reason: 'nothing to do' }]);
    expect(frame.header.get('S_BKDSUB')).toBe('SKIPPED');
  });

  it('already COMPLETE is left alone with all that it recorded', async () => {
    const frame = model({
      ...CARDS,
      S_DARK: 'COMPLETE',
      R_DARK: 'crds://earlier.fits',
      CRDS_CTX: 'old.pmap',
    });
    const outcomes = await bench.run([step('dark_current', ['dark'])], frame, {}, references());
    expect(outcomes).toMatchObject([{ state: 'SKIPPED', reason: 'already COMPLETE' }]);
    expect(['S_DARK', 'R_DARK', 'CRDS_CTX'].map((keyword) => frame.header.get(keyword))).toEqual([
      'COMPLETE',
      'crds://earlier.fits',
      'old.pmap',
    ]);
    expect(frame.done).toEqual([]);
  });

  it('records options that are not the default in HISTORY', async () => {
    const frame = model();
    await bench.run([step('one'), step('two')], frame, { 'two.n': '7', 'one.n': '1' });
    expect(frame.done).toEqual(['one n=1', 'two n=7']);
    expect(frame.header.historyLines()).toEqual(['Option two.n = 7']);
  });
});

describe('an override', () => {
  it('wins over the rules, which are then not asked, and is recorded by its bare name', async () => {
    const frame = model();
    const path = dark(8, 'mine.fits');
    await bench.run(
      [step('dark_current', ['dark'])],
      frame,
      { 'dark_current.override_dark': path },
      localReferences({ path: bench.path('no-cache-here') }),
    );
    expect(frame.done[0]).toBe('dark_current dark 8');
    expect([frame.header.get('R_DARK'), frame.header.has('CRDS_CTX')]).toEqual(['mine.fits', false]);
    expect(bench.lines[0]).toBe(`INFO Override for DARK reference file is '${path}'.`);
  });

  it('of N/A skips the step that needs the type', async () => {
    const frame = model(CARDS);
    const options = { 'dark_current.override_dark': 'N/A' };
    const outcomes = await bench.run([step('dark_current', ['dark'])], frame, options, references());
    expect(outcomes).toMatchObject([{ state: 'SKIPPED' }]);
    expect(frame.header.get('R_DARK')).toBe('N/A');
  });

  it('holds for its own step only', async () => {
    const frame = model(CARDS);
    const options = { 'one.override_dark': dark(9) };
    await bench.run([step('one', ['dark']), step('two', ['dark'])], frame, options, references());
    expect(frame.done).toEqual(['one dark 9', 'one n=1', 'two dark 5', 'two n=1']);
  });

  it('of a file that is not there names it', async () => {
    const options = { 'dark_current.override_dark': bench.path('absent.fits') };
    await expect(bench.run([step('dark_current', ['dark'])], model(), options)).rejects.toThrow(
      /absent\.fits/,
    );
  });
});

describe('a pipeline', () => {
  it('wraps each step that runs, tells how each ended, and opens one file for two types twice', async () => {
    const frame = model(CARDS);
    const path = dark(3);
    const around: string[] = [];
    const before = bench.engine.pool.usedBytes;
    const heard: string[] = [];
    await runSteps([step('one', ['dark'], ['bias']), step('two', ['mask'])], frame, {
      engine: bench.engine,
      cache: bench.cache,
      references: references(),
      log: bench.log,
      options: { 'one.override_dark': path, 'one.override_bias': path },
      async around(name, work) {
        around.push(name);
        return work();
      },
      progress: ({ step: name, state }) => heard.push(`${name} ${state}`),
    });
    expect(around).toEqual(['one']);
    expect(heard).toEqual(['one COMPLETE', 'two SKIPPED']);
    // One plane each: what one type makes of a file is not what another does.
    expect(bench.engine.pool.usedBytes).toBe(before + 2 * PLANE);
  });

  it('passes on what had to be assumed about a reference, once', async () => {
    const path = bench.write(
      'unitless.fits',
      primary(),
      image('SCI', shape, () => 1),
    );
    const options = { 'dark_current.override_dark': path };
    await bench.run([step('dark_current', ['dark'])], model(), options);
    await bench.run([step('dark_current', ['dark'])], model(), options);
    expect(bench.lines.filter((line) => line.startsWith('WARN'))).toEqual([
      `WARN ${path}: BUNIT is missing: pixels are taken as DN/s`,
    ]);
  });

  it('gives references back when a step fails', async () => {
    const failing = defineStep<Counter, Record<never, never>>({
      ...step('one', ['dark']),
      spec: {},
      async process(_model, _options, { reference }) {
        await reference('dark', openDark);
        throw new Error('half way');
      },
    });
    const frame = model(CARDS);
    const before = bench.engine.pool.usedBytes;
    await expect(bench.run([failing], frame, {}, references())).rejects.toThrow('half way');
    expect(frame.header.has('S_DARK')).toBe(false);
    // Idle references go; had the lease been kept, this one would stay.
    await bench.cache.trim();
    expect(bench.engine.pool.usedBytes).toBe(before);
  });

  it('refuses a step that asks for what it has not declared', async () => {
    const greedy = defineStep<Counter, Record<never, never>>({
      ...step('one'),
      spec: {},
      async process(_model, _options, { reference }) {
        await reference('dark', openDark);
      },
    });
    await expect(bench.run([greedy], model())).rejects.toThrow(
      'step one asks for dark, which is not among its reference types',
    );
  });
});
