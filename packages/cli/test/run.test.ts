import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { referencesOf } from '../src/commands/run/references.ts';
import { run as runHere } from '../src/commands/run.ts';
import { run as simHere } from '../src/commands/sim.ts';
import { type Outcome, oracleMissing, testDirectory } from './drs.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const directory = testDirectory();
const example = join(directory, 'example');
const dark = join(example, 'crds_cache/references/tmt/iris/tmt_iris_dark_0001.fits');
const PYTHON = process.env.DRS_PYTHON ?? '/usr/bin/python3';

/** `drs …` by one who stands in `cwd`. */
const drsAt = (cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Outcome => {
  const run = spawnSync(
    process.execPath,
    ['--conditions=@iris/source', '--disable-warning=ExperimentalWarning', MAIN, ...args],
    {
      ...{ cwd, encoding: 'utf8', timeout: 60_000 },
      env: {
        ...process.env,
        HOME: directory,
        CRDS_PATH: join(example, 'crds_cache'),
        CRDS_CONTEXT: '',
        ...env,
      },
    },
  );
  if (run.error) throw run.error;
  const { status, stdout, stderr } = run;
  return { status, stdout, stderr, complaints: stderr.split('\n').filter((line) => line !== '') };
};
const run = (...args: string[]): Outcome => drsAt(example, ['run', ...args]);

let preprocess: Outcome;
let image2: Outcome;

beforeAll(() => {
  const made = drsAt(directory, ['sim', 'seed-example', 'example', '--size', '64']);
  if (made.status !== 0) throw new Error(made.stderr);
  preprocess = run('iris_pipeline.pipeline.PreprocessFlatfield', 'raw_flat_frame_cal.fits');
  renameSync(join(example, 'raw_flat_frame_flat.fits'), join(example, 'flat.fits'));
  image2 = run('image2_iris.cfg', 'asn_subtract_bg_flat.json');
});

/** A log line without its time. */
const bare = (line: string): string => line.replace(/^[\d-]{10} [\d:]{8},\d{3} - /, '');

describe('the example of iris_pipeline 0.2.0', () => {
  it('makes the flat with the log lines of its manual', () => {
    expect([preprocess.status, preprocess.stdout]).toEqual([0, '']);
    for (const line of preprocess.complaints)
      expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - stpipe\.[\w.]+ - INFO - ./);
    const lines = preprocess.complaints.map(bare);
    const logger = 'stpipe.PreprocessFlatfield';
    const frame = '<IRISImageModel(64, 64) from raw_flat_frame_cal.fits>';
    const manual = [
      `${logger} - INFO - PreprocessFlatfield instance created.`,
      `${logger}.dark_current - INFO - DarkCurrentStep instance created.`,
      `${logger}.normalize - INFO - NormalizeStep instance created.`,
      `${logger} - INFO - Step PreprocessFlatfield running with args ('raw_flat_frame_cal.fits',).`,
      // The manual's list has no mask: bad pixels were not flagged then.
      `${logger} - INFO - Prefetching reference files for dataset: 'raw_flat_frame_cal.fits' reftypes = ['mask', 'dark']`,
      `${logger} - INFO - Prefetch for DARK reference file is '${dark}'.`,
      `${logger} - INFO - Starting preprocess flatfield ...`,
      `${logger} - INFO - Processing product raw_flat_frame`,
      `${logger} - INFO - Working on input raw_flat_frame_cal.fits ...`,
      `${logger}.dark_current - INFO - Step dark_current running with args (${frame},).`,
      `${logger}.dark_current - INFO - Using DARK reference file ${dark}`,
      `${logger}.dark_current - INFO - Step dark_current done`,
      `${logger}.normalize - INFO - Step normalize running with args (${frame},).`,
      `${logger}.normalize - INFO - Step normalize done`,
      `${logger} - INFO - Finished processing product raw_flat_frame`,
      `${logger} - INFO - ... ending preprocess flatfield`,
      `${logger} - INFO - Saved model in raw_flat_frame_flat.fits`,
      `${logger} - INFO - Step PreprocessFlatfield done`,
    ];
    expect(lines.filter((line) => manual.includes(line))).toEqual(manual);
  });

  it('subtracts the background by the .cfg files and the association of the manual', () => {
    expect([image2.status, image2.stdout]).toEqual([0, '']);
    const text = image2.complaints.map(bare).join('\n');
    for (const line of [
      `stpipe.Image2Pipeline - INFO - Override for FLAT reference file is '${join(example, 'flat.fits')}'.`,
      'stpipe.Image2Pipeline.assign_wcs - INFO - Step skipped.',
      'stpipe.Image2Pipeline - INFO - Saved model in test_iris_subtract_bg_flat_cal.fits',
    ])
      expect(text).toContain(line);
    expect(text).toContain("from raw_science_frame_sci.fits>, ['raw_background_frame_cal.fits']).");
    expect(text).not.toMatch(/WARNING|ERROR/);
  });

  it('agrees with numpy to 1e-6 of the largest operand, the dark leaving once', () => {
    const script = `
from astropy.io import fits
import numpy as np, sys
get = lambda f: fits.getdata(f, 'SCI').astype('f8')
seconds = fits.getheader('raw_science_frame_sci.fits')['EXPTIME']
dark = get('crds_cache/references/tmt/iris/tmt_iris_dark_0001.fits')
science, sky, lamp = (get(f'raw_{n}.fits') for n in ('science_frame_sci', 'background_frame_cal', 'flat_frame_cal'))
flat = (lamp - dark) / seconds
flat /= np.median(flat)
expected = ((science - dark) - (sky - dark)) / seconds / flat
largest = np.abs(science / seconds / flat).max()
with fits.open('test_iris_subtract_bg_flat_cal.fits', checksum=True) as hdus:
    print(np.abs(get('flat.fits') - flat).max() < 1e-6, np.abs(hdus['SCI'].data - expected).max() / largest < 1e-6)
    print([hdu.name for hdu in hdus], bool(np.isfinite(hdus['ERR'].data).all()), np.median(dark) / seconds > 40)
    h = hdus[0].header
    print(h['S_DARK'], h['S_FLAT'], h['S_BKDSUB'], h['S_WCS'], h['R_DARK'], h['R_FLAT'], h['CRDS_CTX'], h['ASNPOOL'], h['ASNTABLE'])
`;
    const numpy = spawnSync(PYTHON, ['-W', 'error', '-c', script], { cwd: example, encoding: 'utf8' });
    if (numpy.error || /ModuleNotFoundError/.test(numpy.stderr)) return oracleMissing('astropy');
    expect(numpy.stderr).toBe('');
    expect(numpy.stdout.split('\n')).toEqual([
      'True True',
      "['PRIMARY', 'SCI', 'DQ', 'VAR_POISSON', 'VAR_RNOISE', 'VAR_FLAT', 'ERR'] True True",
      'COMPLETE COMPLETE COMPLETE SKIPPED crds://tmt_iris_dark_0001.fits flat.fits tmt_0001.pmap pool ' +
        'asn_subtract_bg_flat.json',
      '',
    ]);
  });

  it('is not made over itself', async () => {
    await expect(simHere(['seed-example', example, '--size', '64'])).rejects.toMatchObject({ exitCode: 1 });
  });
});

describe('options', () => {
  it('stand before and after the files, shortened, with = and without, a boolean alone', async () => {
    const out = join(example, 'out');
    const { status, stderr } = run(
      ...['--save_bsub', 'image2_iris.cfg', '--output_dir', 'out', 'asn_subtract_bg_flat.json'],
      ...[
        '--steps.bkg_subtract.sig=4',
        '--suf',
        'mine',
        '--save-parameters=out/saved.cfg',
        '--log-level=WARNING',
      ],
    );
    expect([status, stderr]).toEqual([0, '']);
    const names = [
      'saved.cfg',
      'test_iris_subtract_bg_flat_bsub.fits',
      'test_iris_subtract_bg_flat_mine.fits',
    ];
    expect(readdirSync(out).sort()).toEqual(names);
    const bytes = readFileSync(join(out, names[2]!));
    expect(bytes.includes('Option bkg_subtract.sigma = 4')).toBe(true);

    const asn = join(example, 'asn_subtract_bg_flat.json');
    const again = [`--output_dir=${join(example, 'again')}`, '--log-stream=null'];
    const log = [...again, '--log-file', join(example, 'again.log')];
    expect(
      await runHere([join(out, 'saved.cfg'), asn, ...log, `--steps.dark_current.override_dark=${dark}`]),
    ).toBe(0);
    // The file names every option, and none of them is more than it would be anyway.
    expect(readFileSync(join(example, 'again.log'), 'utf8')).not.toContain('has no effect');
    expect(readdirSync(join(example, 'again')).sort()).toEqual(names.slice(1));
  });

  it('are shown with their defaults by --help, which needs no files', () => {
    const { status, stdout, stderr } = run('image2_iris.cfg', '--help');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/--save_bsub +Save background-subtracted science \[default=False\]/);
    expect(stdout).toMatch(/--steps\.bkg_subtract\.sigma +Clipping threshold.*\[.*3\.0\]/);
    expect(stdout).toContain('--steps.flat_field.override_flat');
  });

  it('print the version, a .cfg as JSON, and everything when verbose', () => {
    expect(run('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(JSON.parse(run('--dump-config', 'flat_field.cfg').stdout)).toEqual({
      name: 'flat_field',
      class: 'jwst.flatfield.FlatFieldStep',
      flat_suffix: 'None',
      override_flat: 'flat.fits',
    });
    const loud = run(
      'NormalizeStep',
      'raw_flat_frame_cal.fits',
      '-v',
      '--log-stream=stdout',
      '--log-file=run.log',
    );
    expect([loud.status, loud.stderr]).toEqual([0, '']);
    expect(loud.stdout).toContain('stpipe.NormalizeStep - DEBUG - parameters: {');
    expect(readFileSync(join(example, 'run.log'), 'utf8')).toBe(loud.stdout);
  });
});

describe('the log', () => {
  it('goes where --logcfg says, until a line ends the run', () => {
    const logs = join(directory, 'logs');
    mkdirSync(logs);
    const lamp = join(example, 'raw_flat_frame_cal.fits');
    const text =
      '[*]\nhandler = "file:all.log, stdout"\nformat = %(levelname)s|%(message)s\nbreak_level = WARNING\n';
    writeFileSync(join(logs, 'my-log.cfg'), text);
    const args = ['--logcfg', 'my-log.cfg', 'NormalizeStep', lamp, '--output_use_model'];
    const { status, stdout, complaints } = drsAt(logs, ['run', ...args]);
    expect([status, complaints]).toEqual([
      1,
      ['drs: option output_use_model has no effect here (the log configuration ends the run at WARNING)'],
    ]);
    expect(stdout).toBe(readFileSync(join(logs, 'all.log'), 'utf8'));
    expect(stdout.split('\n')[0]).toBe('INFO|NormalizeStep instance created.');
  });
});

describe('a run that cannot be', () => {
  const bad = (name: string, text: string): string => {
    mkdirSync(join(example, 'bad'), { recursive: true });
    writeFileSync(join(example, 'bad', name), text);
    return join(example, 'bad', name);
  };

  it.each([
    ['nothing to run', 2, [], 'what to run is missing'],
    ['an unknown class', 2, ['NoSuchStep', 'a.fits'], "'NoSuchStep' is not a path"],
    ['no files', 2, ['DarkCurrentStep'], 'needs a file'],
    [
      'an unknown option',
      2,
      ['DarkCurrentStep', 'raw_flat_frame_cal.fits', '--nope', '1'],
      'unrecognized arguments: --nope',
    ],
    [
      'an unclear option',
      2,
      ['DarkCurrentStep', 'raw_flat_frame_cal.fits', '--output', '1'],
      'ambiguous option',
    ],
    [
      'a missing value',
      2,
      ['DarkCurrentStep', 'raw_flat_frame_cal.fits', '--suffix'],
      'expected one argument',
    ],
    ['a wrong value', 2, ['NormalizeStep', 'raw_flat_frame_cal.fits', '--method=best'], 'method'],
    ['a missing file', 1, ['DarkCurrentStep', 'nowhere.fits'], 'nowhere.fits not found'],
    ['a missing association', 1, ['image2_iris.cfg', 'nowhere.json'], 'nowhere.json not found'],
    [
      'a class of which only the name exists',
      1,
      ['PhotomStep', 'raw_flat_frame_cal.fits'],
      'known by name only',
    ],
  ] as const)('for %s ends with one message and code %i %j', async (_what, exitCode, args, message) => {
    const here = args.map((arg) => (/\.(fits|cfg|json)$/.test(arg) ? join(example, arg) : arg));
    const more = args.length > 0 ? ['--log-stream=null'] : [];
    await expect(runHere([...here, ...more])).rejects.toMatchObject({
      ...{ name: 'CliError', exitCode },
      message: expect.stringContaining(message),
    });
  });

  it('for a .cfg with unknown keys or of an unknown class ends with code 1', async () => {
    const keys = bad('keys.cfg', 'class = "jwst.flatfield.FlatFieldStep"\nflavour = 1\n');
    const unknown = bad('class.cfg', 'class = "somebody.ElsesStep"\n');
    for (const [file, message] of [
      [keys, `${keys}: Extra value 'flavour'`],
      [unknown, 'somebody.ElsesStep'],
    ] as const) {
      await expect(runHere([file, join(example, 'raw_flat_frame_cal.fits')])).rejects.toMatchObject({
        exitCode: 1,
        message: expect.stringContaining(message),
      });
    }
  });

  it('for a wrong value of the command line ends with code 2, with a .cfg too', async () => {
    const [file, lamp] = ['image2_iris.cfg', 'raw_flat_frame_cal.fits'].map((name) => join(example, name));
    await expect(runHere([file!, lamp!, '--steps.photom.skip=maybe'])).rejects.toMatchObject({
      exitCode: 2,
      message: 'Config parameter \'steps/photom/skip\': the value "maybe" is of the wrong type.',
    });
  });

  it('for a pipe, a place where no directory can be, or a name of JavaScript ends at once', () => {
    spawnSync('mkfifo', [join(example, 'pipe.fits')]);
    const lamp = 'raw_flat_frame_cal.fits';
    for (const [status, message, ...args] of [
      [1, 'expected a file', 'run', 'DarkCurrentStep', 'pipe.fits'],
      [1, 'expected a file', 'fits', 'info', 'pipe.fits'],
      [1, '/proc/none: not found', 'run', 'DarkCurrentStep', lamp, '--save-parameters=/proc/none/p.cfg'],
      [2, "no command 'constructor'", 'constructor'],
    ] as const) {
      const outcome = drsAt(example, args);
      expect([outcome.status, outcome.complaints.at(-1)]).toEqual([status, expect.stringContaining(message)]);
    }
    const { status, stdout } = drsAt(example, ['refs', 'certify', 'pipe.fits']);
    expect([status, stdout]).toEqual([1, expect.stringContaining('expected a file')]);
  });

  it('by a child process too says so once', () => {
    const { status, stdout, complaints } = run('DarkCurrentStep', 'nowhere.fits', '--log-stream=null');
    expect([status, stdout]).toEqual([1, '']);
    expect(complaints).toEqual([`drs: Input file ${join(example, 'nowhere.fits')} not found.`]);
  });

  it('for no CRDS cache ends with code 3 and says what to set', async () => {
    const { CRDS_PATH, HOME } = process.env;
    Object.assign(process.env, { CRDS_PATH: '', HOME: directory });
    const lamp = join(example, 'raw_flat_frame_cal.fits');
    await expect(
      runHere(['DarkCurrentStep', lamp, '--log-stream=null']).finally(() =>
        Object.assign(process.env, { CRDS_PATH: CRDS_PATH ?? '', HOME }),
      ),
    ).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining('Set CRDS_PATH') });
  });
});

describe('the CRDS cache', () => {
  it('is that of CRDS_PATH, else the one at home', async () => {
    expect(referencesOf({ HOME: directory })).toBeUndefined();
    expect(await referencesOf({ HOME: example })?.context()).toBe('tmt_0001.pmap');
    const named = referencesOf({ HOME: directory, CRDS_PATH: join(example, 'crds_cache') });
    expect(await named?.context()).toBe('tmt_0001.pmap');
    const other = { CRDS_PATH: join(example, 'crds_cache'), CRDS_CONTEXT: 'tmt_0009.pmap' };
    await expect(referencesOf(other)?.context()).rejects.toThrow('tmt_0009.pmap');
  });
});

describe('a terminal that hangs up', () => {
  const DRS = fileURLToPath(new URL('../../../drs', import.meta.url));
  // The hook's shell is a child of the process that reduces.
  const args = ['run', 'DarkCurrentStep', 'raw_flat_frame_cal.fits', '--pre_hooks=kill -HUP $PPID,'];
  const hungUp = (command: string, ...more: string[]) =>
    spawnSync(command, [...more, ...args, '--output_file=hungup'], {
      ...{ cwd: example, encoding: 'utf8', timeout: 60_000 },
      env: { ...process.env, HOME: directory, CRDS_PATH: join(example, 'crds_cache'), CRDS_CONTEXT: '' },
    });
  const products = () => readdirSync(example).filter((name) => name.includes('hungup'));

  it('ends the run, with nothing left of it', () => {
    const { status, signal } = hungUp(DRS);
    expect({ status, signal }).toEqual({ status: 1, signal: null });
    expect(products()).toEqual([]);
  });

  it('does not matter under nohup', () => {
    if (process.platform !== 'linux') return;
    expect(hungUp('nohup', DRS).status).toBe(0);
    expect(products()).toHaveLength(1);
  });
});
