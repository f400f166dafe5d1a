import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import {
  type Configured,
  classSpec,
  configToJson,
  configure,
  findClass,
  loadConfigFile,
  matchOption,
  parametersText,
  type StepLookup,
  specHelp,
} from '../../src/index.ts';

// The files of iris_pipeline's manual and of its repository.
const IMAGE2 = `
name = "Image2Pipeline"
class = "iris_pipeline.pipeline.Image2Pipeline"
save_results = True
[steps]
  [[bkg_subtract]]
  [[assign_wcs]]
    skip = True
  [[flat_field]]
    config_file = flat_field.cfg
  [[photom]]
    skip = True
  [[resample]]
    skip = True
`;
const FLAT = `
name = "flat_field"
class = "jwst.flatfield.FlatFieldStep"
# Optional filename suffix for output flats (only for MOS data).
flat_suffix = None
override_flat = 'flat.fits'
`;
const ROP = `name = "rop"
class = "iris_pipeline.pipeline.ROPPipeline"
save_results = True

    [steps]
      [[nonlincorr]]
      [[readoutsamp]]
       mode='mcds'
        
`;
const PREPROCESS = `
name = "preprocess_flatfield" 
class = "iris_pipeline.pipeline.ProcessFlatfieldL2"

    [steps]
      [[normalize]]
        # name of numpy method to use, typically mean or median
        method = "mean"
`;

let root = '';
const put = (name: string, text: string): string => {
  const path = join(root, name);
  writeFileSync(path, text);
  return path;
};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cfg-'));
  mkdirSync(join(root, 'cfg'));
  mkdirSync(join(root, 'here'));
  put('cfg/image2_iris.cfg', IMAGE2);
  put('cfg/flat_field.cfg', FLAT);
  put('cfg/flat.fits', '');
  put('rop.cfg', ROP);
  put('preprocess_flatfield.cfg', PREPROCESS);
});
afterAll(() => rmSync(root, { recursive: true }));

const steps: StepLookup = (name) =>
  ({
    flat_field: { name, doc: '', spec: {}, referenceTypes: ['flat'] },
    dark_current: { name, doc: '', spec: {}, referenceTypes: ['dark'] },
    bkg_subtract: {
      name,
      doc: '',
      spec: {
        sigma: { type: 'float', default: 3, doc: 'Threshold', min: 0 },
        maxiters: { type: 'integer', default: null, doc: 'Rounds' },
      },
      referenceTypes: [],
    } as const,
    readoutsamp: {
      name,
      doc: '',
      spec: { mode: { type: 'option', choices: ['utr', 'mcds', 'cds'], default: 'utr', doc: 'Sampling' } },
      referenceTypes: [],
      optionalReferenceTypes: ['gain'],
    } as const,
  })[name];

const run = (target: string, options: Record<string, string> = {}, parameters?: string): Configured =>
  configure({
    target,
    options: Object.entries(options),
    steps,
    cwd: join(root, 'here'),
    ...(parameters === undefined ? {} : { parameters: parseConfig(parameters).root }),
  });

const section = (configured: Configured, name: string) =>
  configured.steps.find((one) => one.section === name)!;

describe('None on the command line', () => {
  it('is no value for an option with that default, whatever files say', () => {
    put('rounds.cfg', 'class = iris_pipeline.BackgroundStep\nmaxiters = 4\nsuffix = x');
    expect(run('../rounds.cfg').own.given).toEqual({ maxiters: '4' });
    const { own } = run('../rounds.cfg', { maxiters: ' None', suffix: 'None' });
    expect(own.given).toEqual({});
    expect([own.values.get('maxiters'), own.values.get('suffix')]).toEqual([null, null]);
    const { steps: inner } = run('../cfg/image2_iris.cfg', { 'steps.bkg_subtract.maxiters': 'None' });
    expect(inner.find(({ section: name }) => name === 'bkg_subtract')!.values.get('maxiters')).toBeNull();
  });

  it('is a text in quotes, and wrong where the default is a number', () => {
    put('rounds.cfg', 'class = iris_pipeline.BackgroundStep');
    expect(run('../rounds.cfg', { suffix: '"None"' }).own.values.get('suffix')).toBe('None');
    expect(() => run('../rounds.cfg', { sigma: 'None' })).toThrow(
      'Config parameter \'sigma\': the value "None" is of the wrong type.',
    );
  });
});

describe('a value with commas on the command line', () => {
  it('is one text for an option that is one, and a list elsewhere', () => {
    put('rounds.cfg', 'class = iris_pipeline.BackgroundStep');
    expect(run('../rounds.cfg', { suffix: '1,1,8,8;9,9,2,2' }).own.values.get('suffix')).toBe(
      '1,1,8,8;9,9,2,2',
    );
    expect(run('../rounds.cfg', { suffix: '"a, b"' }).own.values.get('suffix')).toBe('a, b');
    expect(() => run('../rounds.cfg', { sigma: '1,2' })).toThrow('is of the wrong type.');
  });
});

describe("the manual's pipeline file", () => {
  it('names the pipeline, its steps and what is asked of each', () => {
    const configured = run('../cfg/image2_iris.cfg');
    expect(configured).toMatchObject({ name: 'Image2Pipeline', known: { name: 'image2' } });
    expect(configured.own.values.get('save_results')).toBe(true);
    expect(configured.steps.map(({ section: name, given }) => [name, given.skip])).toEqual([
      ['bkg_subtract', undefined],
      ['assign_wcs', 'True'],
      ['parse_subarray_map', undefined],
      ['dark_current', undefined],
      ['flat_field', undefined],
      ['photom', 'True'],
      ['resample', 'True'],
      ['dq_init', undefined],
    ]);
  });

  it('takes the step file beside it, its override beside that, and tells options without effect', () => {
    expect(section(run('../cfg/image2_iris.cfg'), 'flat_field')).toMatchObject({
      name: 'flat_field',
      overrides: new Map([['flat', join(root, 'cfg/flat.fits')]]),
      ignored: ['flat_suffix'],
    });
  });

  it('finds an override beside the step file that names it, wherever the pipeline file is', () => {
    mkdirSync(join(root, 'cfg/steps'), { recursive: true });
    const flat = put('cfg/steps/lamp.fits', '');
    put(
      'cfg/steps/flat.cfg',
      'name = flat_field\nclass = jwst.flatfield.FlatFieldStep\noverride_flat = lamp.fits\n',
    );
    put(
      'cfg/deep.cfg',
      'name = x\nclass = iris_pipeline.pipeline.Image2Pipeline\n[steps]\n[[flat_field]]\nconfig_file = steps/flat.cfg\n',
    );
    expect(section(run('../cfg/deep.cfg'), 'flat_field').overrides.get('flat')).toBe(flat);
  });

  it('looks for an override where the user stands first, as stpipe does', () => {
    const here = put('here/flat.fits', '');
    expect(section(run('../cfg/image2_iris.cfg'), 'flat_field').overrides.get('flat')).toBe(here);
    rmSync(here);
  });

  it('shows the parsed file as JSON', () => {
    expect(JSON.parse(configToJson(loadConfigFile(join(root, 'rop.cfg'))))).toEqual({
      name: 'rop',
      class: 'iris_pipeline.pipeline.ROPPipeline',
      save_results: 'True',
      steps: { nonlincorr: {}, readoutsamp: { mode: 'mcds' } },
    });
  });
});

describe('later files of iris_pipeline', () => {
  it('work as they are', () => {
    expect(section(run('../rop.cfg'), 'readoutsamp').given).toEqual({ mode: 'mcds' });
    expect(section(run('../preprocess_flatfield.cfg'), 'normalize').values.get('method')).toBe('mean');
    expect(run('../preprocess_flatfield.cfg').name).toBe('preprocess_flatfield');
  });
});

describe('precedence', () => {
  const cfg = 'class = iris_pipeline.Image2Pipeline\n[steps]\n[[bkg_subtract]]\nsigma = 4\n';

  it('goes spec, reference parameters, file, command line', () => {
    put('p.cfg', cfg);
    const parameters = '[steps]\n[[bkg_subtract]]\nsigma = 5\nmaxiters = 2';
    const sigma = (configured: Configured) => section(configured, 'bkg_subtract').values.get('sigma');
    expect(sigma(run('iris_pipeline.Image2Pipeline'))).toBe(3);
    expect(sigma(run('iris_pipeline.Image2Pipeline', {}, parameters))).toBe(5);
    expect(sigma(run('../p.cfg', {}, parameters))).toBe(4);
    const last = run('../p.cfg', { 'steps.bkg_subtract.sigma': '6' }, parameters);
    expect(sigma(last)).toBe(6);
    expect(section(last, 'bkg_subtract').given).toEqual({ sigma: '6', maxiters: '2' });
  });

  it('follows a step file to the one that it names, and says where that leads in a circle', () => {
    put('c1.cfg', 'class = x\nconfig_file = c2.cfg\nsigma = 8');
    put('c2.cfg', 'sigma = 9\nmaxiters = 3');
    put('c3.cfg', 'class = iris_pipeline.Image2Pipeline\n[steps]\n[[bkg_subtract]]\nconfig_file = c1.cfg');
    expect(section(run('../c3.cfg'), 'bkg_subtract').given).toEqual({ sigma: '8', maxiters: '3' });
    put('c2.cfg', 'config_file = c1.cfg');
    expect(() => run('../c3.cfg')).toThrow(
      /leads to itself by config_file: \S*c1.cfg → \S*c2.cfg → \S*c1.cfg\.$/,
    );
  });

  it('lets a section override the file that it names', () => {
    put('b.cfg', 'class = iris_pipeline.BackgroundStep\nsigma = 7\nmaxiters = 1');
    put('q.cfg', `${cfg}config_file = b.cfg\n`);
    expect(section(run('../q.cfg'), 'bkg_subtract').given).toEqual({ sigma: '4', maxiters: '1' });
  });

  it('names a run after the file where the file has no name', () => {
    expect(run('../p.cfg').name).toBe('p');
  });
});

describe('paths', () => {
  it('start at the file in a file, where the user stands on the command line', () => {
    put('cfg/o.cfg', 'class = iris_pipeline.DarkCurrentStep\noutput_file = out/a.fits\ndark_output = d.fits');
    const output = (configured: Configured) => configured.own.values.get('output_file');
    expect(output(run('../cfg/o.cfg'))).toBe(join(root, 'cfg/out/a.fits'));
    expect(output(run('../cfg/o.cfg', { output_file: 'b.fits' }))).toBe(join(root, 'here/b.fits'));
    expect(run('../cfg/o.cfg').own.values.get('dark_output')).toBe(join(root, 'cfg/d.fits'));
  });

  it('of overrides on the command line start where the user stands; N/A is none', () => {
    const overrides = (text: string) =>
      run('iris_pipeline.FlatFieldStep', { override_flat: text }).own.overrides.get('flat');
    expect(overrides('flat.fits')).toBe(join(root, 'here/flat.fits'));
    expect(overrides('n/a')).toBe('N/A');
    expect(overrides('None')).toBeUndefined();
  });
});

describe('what is wrong', () => {
  const complaint = (text: string, options: Record<string, string> = {}): string => {
    put('wrong.cfg', text);
    try {
      run('../wrong.cfg', options);
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing';
  };
  const image2 = 'class = iris_pipeline.Image2Pipeline\n';

  it.each([
    ['unknown key', `${image2}sigma = 3`, "Extra value 'sigma' in root"],
    [
      'unknown key of a step',
      `${image2}[steps]\n[[flat_field]]\nx = 1`,
      "Extra value 'x' in steps/flat_field",
    ],
    ['unknown step', `${image2}[steps]\n[[flat]]\nskip = True`, "Extra value 'flat' in steps"],
    [
      'unknown override',
      `${image2}[steps]\n[[flat_field]]\noverride_dark = x`,
      "Extra value 'override_dark' in steps/flat_field",
    ],
    [
      'wrong values, all of them',
      `${image2}save_results = maybe\n[steps]\n[[bkg_subtract]]\nsigma = -1\nmaxiters = None`,
      [
        `Config parameter 'save_results': the value "maybe" is of the wrong type.`,
        `Config parameter 'steps/bkg_subtract/maxiters': the value "None" is of the wrong type.`,
        `Config parameter 'steps/bkg_subtract/sigma': the value "-1.0" is too small.`,
      ].join('\n'),
    ],
    [
      'a list for a text',
      `${image2}suffix = a, b`,
      `Config parameter 'suffix': the value "['a', 'b']" is of the wrong type.`,
    ],
    [
      'a section for a value',
      `${image2}[skip]\na = 1`,
      "Config parameter 'skip': Value 'skip' was provided as a section",
    ],
    [
      'a value for a section',
      `${image2}steps = 1`,
      "Config parameter 'steps': Section 'steps' was provided as a single value",
    ],
    [
      'unknown class',
      'class = iris_pipeline.NoStep',
      /^'iris_pipeline\.NoStep' is not a path to a config file or a Step class/,
    ],
    ['no class', 'skip = True', /wrong\.cfg names no class: add class = "…"\.$/],
    [
      'not ConfigObj',
      'class = x\nnonsense',
      "Invalid line ('nonsense') (matched as neither section nor keyword) at line 2.",
    ],
    [
      'missing step file',
      `${image2}[steps]\n[[flat_field]]\nconfig_file = none.cfg`,
      /^Config file .*none\.cfg not found\.$/,
    ],
    ['ASDF without parameters', '#ASDF 1.0.0\n--- {a: 1}\n...\n', /wrong\.cfg: it holds no parameters/],
    ['ASDF that is no YAML', '#ASDF 1.0.0\n--- {a: [1\n...\n', /wrong\.cfg: its YAML cannot be read/],
  ])('%s', (_what, text, message) => {
    if (typeof message === 'string') expect(complaint(text)).toBe(message);
    else expect(complaint(text)).toMatch(message);
  });

  it('on the command line is told alike', () => {
    expect(complaint(image2, { 'steps.flat_field.y': '1' })).toBe("Extra value 'y' in steps/flat_field");
    expect(complaint(image2, { suffix: "'x" })).toBe("Parse error in value of --suffix: 'x");
  });

  it('is a file too large or too endless to be a configuration', () => {
    const huge = put('huge.cfg', `class = "FlatFieldStep"\n${'#'.repeat(1 << 20)}\n`);
    expect(() => loadConfigFile(huge)).toThrow(/huge\.cfg has 1048\d+ bytes/);
    expect(() => loadConfigFile('/dev/zero')).toThrow('Config file /dev/zero is no file.');
  });

  it('is told of many sections as of one', () => {
    const sections = Array.from({ length: 120_000 }, (_, i) => `[${i}]`).join('\n');
    const many = put('many.cfg', `class = "FlatFieldStep"\n[0]\n${sections.slice(4)}\n`);
    expect(() => run(many)).toThrow("Extra value '0' in root");
  });

  it('is a file that is not there', () => {
    expect(() => run('none.cfg')).toThrow(/^Config file .*none\.cfg not found\.$/);
    expect(() => run('Nonsense')).toThrow(/^'Nonsense' is not a path to a config file/);
  });
});

describe('the command line', () => {
  const spec = classSpec(findClass('iris_pipeline.Image2Pipeline')!, steps);

  it('has every option of the pipeline and its steps, with help', () => {
    const help = new Map(specHelp(spec).map(({ name, help: text }) => [name, text]));
    expect(help.get('save_bsub')).toBe('Save background-subtracted science [default=False]');
    expect(help.get('steps.flat_field.override_flat')).toBe('Override the flat reference file');
    expect(help.get('steps.bkg_subtract.sigma')).toBe('Threshold [min=0, default=3.0]');
    expect(help.get('steps.photom.skip')).toBe('Skip this step [default=False]');
  });

  it('knows an option by its beginning', () => {
    expect(matchOption(spec, 'save_r')).toBe('save_results');
    expect(matchOption(spec, 'skip')).toBe('skip');
    expect(() => matchOption(spec, 'save_')).toThrow(
      'ambiguous option: --save_ could match --save_results, --save_bsub',
    );
    expect(() => matchOption(spec, 'sigma')).toThrow('unrecognized arguments: --sigma');
  });
});

describe('saved parameters', () => {
  it('give the same run', () => {
    const first = run('../cfg/image2_iris.cfg', {
      'steps.bkg_subtract.sigma': '2.5',
      pre_hooks: 'echo {0},',
    });
    put('here/saved.cfg', parametersText(first));
    const second = run('saved.cfg');
    const flat = join(root, 'cfg/flat.fits');
    expect(JSON.parse(configToJson(second.config))).toEqual(
      JSON.parse(
        configToJson(first.config).replace('"override_flat": "flat.fits"', `"override_flat": "${flat}"`),
      ),
    );
    expect(section(second, 'flat_field').overrides).toEqual(new Map([['flat', flat]]));
    expect(second.name).toBe(first.name);
  });
});
