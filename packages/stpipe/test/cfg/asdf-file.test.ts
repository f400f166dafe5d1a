import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Configured, configure, parametersText } from '../../src/index.ts';

const root = mkdtempSync(join(tmpdir(), 'asdf-'));
afterAll(() => rmSync(root, { recursive: true }));
const put = (name: string, text: string): void => writeFileSync(join(root, name), text);

const sigma = { type: 'float', default: 3, min: 0, doc: 'Threshold' } as const;
const described = { doc: '', referenceTypes: [] };
const STEPS = [
  { ...described, name: 'bkg_subtract', spec: { sigma } },
  { ...described, name: 'flat_field', spec: {}, referenceTypes: ['flat'] },
];
const run = (target: string, options: Readonly<Record<string, string>> = {}): Configured =>
  configure({
    ...{ target, options: Object.entries(options), cwd: root },
    steps: (name) => STEPS.find((step) => step.name === name),
  });
const section = ({ steps }: Configured, name: string) => steps.find((step) => step.section === name)!;

describe('a parameter file in ASDF', () => {
  put('flat.fits', '');
  put(
    'image2.cfg',
    'name = mine\nclass = iris_pipeline.Image2Pipeline\n[steps]\n[[flat_field]]\noverride_flat = flat.fits\n[[photom]]\nskip = True\n',
  );
  const head =
    '#ASDF 1.0.0\n#ASDF_STANDARD 1.5.0\n%YAML 1.1\n%TAG ! tag:stsci.edu:asdf/\n--- !core/asdf-1.1.0\n';
  const library = 'asdf_library: !core/software-1.0.0 {author: x, name: asdf, version: 2.7.3}\n';

  it('is read as jwst writes it: values with their types, null for none, bytes behind it left alone', () => {
    const text = `${head}${library}class: jwst.pipeline.calwebb_image2.Image2Pipeline
name: mine
parameters: {save_results: true, output_dir: null, pre_hooks: [], suffix: s}
steps:
- class: jwst.background.background_step.BackgroundStep
  name: bkg_subtract
  parameters: {sigma: 2.5, maxiters: null, skip: false}
- name: flat_field
  class: jwst.flatfield.flat_field_step.FlatFieldStep
  parameters: {override_flat: flat.fits, skip: true}
...
`.replace('jwst.pipeline.calwebb_image2', 'iris_pipeline');
    writeFileSync(
      join(root, 'p.asdf'),
      Buffer.concat([Buffer.from(text), Buffer.from([0xd3, 0x42, 0x4c, 0x4b, 0xff])]),
    );
    const found = run('p.asdf', { suffix: 'mine' });
    expect([found.name, found.own.values.get('suffix'), found.own.values.get('output_dir')]).toEqual([
      'mine',
      'mine',
      null,
    ]);
    expect(section(found, 'bkg_subtract')).toMatchObject({ given: { sigma: '2.5', skip: 'false' } });
    expect(section(found, 'flat_field').overrides.get('flat')).toBe(join(root, 'flat.fits'));
    expect(section(found, 'flat_field').values.get('skip')).toBe(true);
  });

  it('of the older kind has class and steps among its parameters', () => {
    put(
      'old.asdf',
      `${head}parameters:\n  class: iris_pipeline.Image2Pipeline\n  name: old\n  steps:\n  - {class: x, name: bkg_subtract, parameters: {sigma: 4}}\n...\n`,
    );
    const found = run('old.asdf');
    expect([found.name, section(found, 'bkg_subtract').values.get('sigma')]).toEqual(['old', 4]);
  });

  it('is written so that it gives the same run', () => {
    const first = run('image2.cfg', {
      'steps.bkg_subtract.sigma': '2.5',
      pre_hooks: 'echo {0},',
    });
    put('saved.asdf', parametersText(first, 'asdf'));
    const second = run('saved.asdf');
    const values = (one: Configured) =>
      one.steps.map((step) => ({ ...Object.fromEntries(step.values), override_flat: '', name: '' }));
    expect(values(second)).toEqual(values(first));
    expect(section(second, 'flat_field').overrides).toEqual(section(first, 'flat_field').overrides);
    expect([second.name, second.known.fullName]).toEqual([first.name, first.known.fullName]);
  });

  it('is what asdf of Python reads', () => {
    put('there.asdf', parametersText(run('image2.cfg', { 'steps.bkg_subtract.sigma': '2.5' }), 'asdf'));
    const script = `import asdf, json, sys
with asdf.open(sys.argv[1]) as f:
    steps = {s['name']: s['parameters'] for s in f['steps']}
    print(json.dumps([f['class'], f['name'], steps['bkg_subtract']['sigma'], steps['photom']['skip'], f['parameters']['pre_hooks']]))`;
    const python = process.env.DRS_PYTHON ?? '/usr/bin/python3';
    const read = spawnSync(python, ['-c', script, join(root, 'there.asdf')], { encoding: 'utf8' });
    if (read.error || /ModuleNotFoundError/.test(read.stderr)) {
      if (process.env.DRS_REQUIRE_ORACLES === '1') throw new Error('oracle missing: asdf of Python');
      return console.warn('oracle missing, not checked: asdf of Python');
    }
    expect(JSON.parse(read.stdout)).toEqual(['iris_pipeline.Image2Pipeline', 'mine', 2.5, true, []]);
  });

  it('does not grow without bound', () => {
    const laughs = Array.from(
      { length: 12 },
      (_, i) => `x${i + 1}: &x${i + 1} [${`*x${i}, `.repeat(9)}1]`,
    ).join('\n');
    put('bomb.asdf', `${head}x0: &x0 [1]\n${laughs}\nparameters: {pre_hooks: *x12}\n...\n`);
    expect(() => run('bomb.asdf')).toThrow(/Excessive alias count/);
  });
});
