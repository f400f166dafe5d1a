import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stepLookup } from '@iris-drs/pipelines';
import { configure } from '@iris-drs/stpipe';
import { describe, expect, it } from 'vitest';
import { readArguments } from '../src/commands/run/arguments.ts';
import { refuseForServices } from '../src/commands/run/remote/refuse.ts';
import { openServices } from '../src/commands/run/remote/services.ts';
import { runNames, taskByHand } from '../src/commands/run/remote/task.ts';
import { testDirectory } from './drs.ts';

const directory = testDirectory();

describe('--remote', () => {
  it.each([
    [
      ['--remote', '127.0.0.1:4001,127.0.0.1:4002', 'DarkCurrentStep', 'a.fits'],
      '127.0.0.1:4001,127.0.0.1:4002',
    ],
    [['--remote', 'DarkCurrentStep', 'a.fits'], ''],
    [['DarkCurrentStep', 'a.fits', '--remote'], ''],
    [['DarkCurrentStep', '--remote', 'a.fits'], ''],
    [['DarkCurrentStep', '--remote', directory, 'a.fits'], directory],
    [['DarkCurrentStep', '--remote=/nowhere', 'a.fits'], '/nowhere'],
  ])('in %j is followed by a value only where that names services', (args, value) => {
    const { settings, target, inputs } = readArguments(args, directory);
    expect([settings.get('remote'), target, inputs]).toEqual([value, 'DarkCurrentStep', ['a.fits']]);
  });

  it.each([
    ['127.0.0.1:1', 3, 'no stage answers at 127.0.0.1:1'],
    [directory, 3, 'no DRS has been started'],
    ['/nowhere', 2, 'expected host:port, several with commas, or a data directory'],
  ])('%s ends with one message and code %i', async (text, exitCode, message) => {
    await expect(openServices(text)).rejects.toMatchObject({
      exitCode,
      message: expect.stringContaining(message),
    });
  });
});

describe('services', () => {
  const refused = (target: string, options: Readonly<Record<string, string>>): void =>
    refuseForServices(
      configure({ target, options: Object.entries(options), steps: stepLookup, cwd: directory }),
    );

  it.each([
    ['DarkCurrentStep', { pre_hooks: 'rm {0},' }, 'pre_hooks: services run no hooks'],
    [
      'Image2Pipeline',
      { 'steps.flat_field.post_hooks': 'a.mjs:f,' },
      'steps.flat_field.post_hooks: services',
    ],
    ['DarkCurrentStep', { output_dir: 'x' }, 'output_dir: services name their products themselves'],
    ['Image2Pipeline', { suffix: 'x' }, 'suffix: services name'],
    [
      'Image2Pipeline',
      { 'steps.dark_current.save_results': 'True' },
      'steps.dark_current.save_results: services save',
    ],
    ['Image2Pipeline', { save_bsub: 'True' }, 'save_bsub: services save no such frame'],
    ['Image2Pipeline', { compat: 'seed_order' }, 'compat: no service does this'],
    ['DarkCurrentStep', { dark_output: 'x.fits' }, 'dark_output: no service does this'],
  ])('never do what %s %j asks for', (target, options: Readonly<Record<string, string>>, message) => {
    expect(() => refused(target, options)).toThrow(message);
  });

  it('may be asked for all else', () => {
    mkdirSync(join(directory, 'cfg'));
    const file = join(directory, 'cfg/a.cfg');
    writeFileSync(
      file,
      'class = iris_pipeline.Image2Pipeline\nsave_results = True\n[steps]\n[[photom]]\nskip = True\n',
    );
    expect(() => refused(file, { 'steps.bkg_subtract.sigma': '4', compat: 'none' })).not.toThrow();
  });
});

it('names of tasks by hand are new each time and can be parts of file names', () => {
  const nameOf = runNames();
  const names = [nameOf('a b/../c'), nameOf('a b/../c'), nameOf('2031A-001-123-IRIS-IMG1-SCI0-0001')];
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^run\d+n\d-[\w.-]+$/);
  const facts = { detector: 'IMG2', mode: 'imager', utDate: '20310314', hdus: [] };
  const task = taskByHand('calib', names[0]!, facts, [{ path: 'in/x.fits', exptype: 'science' }], {
    'a.skip': 'True',
  });
  expect(task).toMatchObject({
    ...{ stage: 'calib', detector: 'IMG2', mode: 'imager', utDate: '20310314', exposureId: names[0] },
    inputs: [{ frame: { path: 'in/x.fits' }, exptype: 'science' }],
    options: { 'a.skip': 'True' },
  });
});
