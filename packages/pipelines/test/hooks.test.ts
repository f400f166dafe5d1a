import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { DARK, pixels, product, workplace, worst } from './run.ts';

const place = workplace();
const { cwd, path, write, run, held } = place;
const signal = pixels((i) => 200 + 3 * i);
const raw = (): string => write('raw_sci.fits', { sci: pixels((i) => signal[i]! + DARK[i]!) });

/** A program that adds so much to the first pixel of SCI, in place. */
const ADD = `
import { open } from 'node:fs/promises';
const [, , path, amount] = process.argv;
const file = await open(path, 'r+');
const size = (await file.stat()).size;
for (let at = 0; at < size; at += 2880) {
  const block = Buffer.alloc(2880);
  await file.read(block, 0, 2880, at);
  if (!block.toString('latin1').startsWith('XTENSION') || !block.includes("EXTNAME = 'SCI")) continue;
  while (!block.toString('latin1').includes('END     ')) await file.read(block, 0, 2880, (at += 2880));
  const value = Buffer.alloc(4);
  await file.read(value, 0, 4, at + 2880);
  value.writeFloatBE(value.readFloatBE() + Number(amount));
  await file.write(value, 0, 4, at + 2880);
}
await file.close();
`;
const add = (amount: number): string => {
  writeFileSync(path('add.mjs'), ADD);
  return `${process.execPath} add.mjs {0} ${amount}`;
};

const temporaries = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('drs-run-'));

describe('a command as hook', () => {
  it('is handed the frame as a file, which is taken back as it left it', async () => {
    raw();
    const before = temporaries();
    const { saved, lines } = await run('DarkCurrentStep', ['raw_sci.fits'], {
      pre_hooks: `"${add(1000)}",`,
      post_hooks: `"${add(-400)}", "${add(100)}"`,
    });
    expect(
      worst((await product(path(saved[0]!))).sci, (i) => signal[i]! + (i === 0 ? 700 : 0), 5000),
    ).toBeLessThan(1e-6);
    expect(held()).toBe(0);
    expect(temporaries()).toEqual(before);
    // What the file said of itself as a file does not come back with it.
    expect(lines).toContain(
      'stpipe.DarkCurrentStep.post_hook1 - INFO - Step post_hook1 running with args (<IRISImageModel(6, 8) from raw_sci.fits>,).',
    );
    const hook = 'stpipe.DarkCurrentStep.pre_hook0 - INFO - ';
    const own = lines.filter((line) => line.startsWith(hook)).map((line) => line.slice(hook.length));
    expect(own.map((line) => line.replace(/'.*'/, '…'))).toEqual([
      'SystemCall instance created.',
      'Step pre_hook0 running with args (<IRISImageModel(6, 8) from raw_sci.fits>,).',
      'Spawning …',
      'Done with errorcode 0',
      'STDOUT: ',
      'STDERR: ',
      'The frame is taken back as the command has left it',
      'Step pre_hook0 done',
    ]);
  });

  it('that only looks leaves the frame as it is, and says what it saw', async () => {
    raw();
    const { saved, lines } = await run('DarkCurrentStep', ['raw_sci.fits'], {
      post_hooks: "'head -c 6 {0}; echo oops >&2',",
    });
    expect(worst((await product(path(saved[0]!))).sci, (i) => signal[i]!, DARK[0]!)).toBeLessThan(1e-6);
    expect(lines).toContain('stpipe.DarkCurrentStep.post_hook0 - INFO - STDOUT: SIMPLE');
    expect(lines).toContain('stpipe.DarkCurrentStep.post_hook0 - INFO - STDERR: oops');
    expect(lines.join()).not.toContain('taken back');
  });

  it('knows none of the secrets of the environment', async () => {
    raw();
    Object.assign(process.env, { NATS_CREDS: 'secret1', MY_TOKEN: 'secret2', PLAIN_NAME: 'seen' });
    try {
      const { lines } = await run('DarkCurrentStep', ['raw_sci.fits'], {
        post_hooks: "'env #',",
        suffix: 'env',
      });
      expect(lines.join()).toContain('PLAIN_NAME=seen');
      expect(lines.join()).not.toMatch(/secret[12]/);
    } finally {
      for (const name of ['NATS_CREDS', 'MY_TOKEN', 'PLAIN_NAME']) delete process.env[name];
    }
  });

  it('that fails ends the run before anything is written', async () => {
    raw();
    const options = { pre_hooks: "'echo no such luck >&2; exit 3',", suffix: 'never' };
    await expect(run('DarkCurrentStep', ['raw_sci.fits'], options)).rejects.toMatchObject({
      code: 'HOOK_FAILED',
      message: "Hook 'echo no such luck >&2; exit 3' returned error code 3: no such luck",
    });
    await expect(run('DarkCurrentStep', ['raw_sci.fits'], { pre_hooks: "'kill -9 $$'," })).rejects.toThrow(
      'SIGKILL',
    );
    write('small.fits', { sci: signal });
    await expect(
      run('DarkCurrentStep', ['raw_sci.fits'], { pre_hooks: "'echo nonsense > {0}'," }),
    ).rejects.toThrow();
    expect(readdirSync(cwd)).not.toContain('raw_sci_never.fits');
    expect(held()).toBe(0);
  });
});

describe('a function as hook', () => {
  it('changes the frame in place and is told where it stands', async () => {
    raw();
    writeFileSync(
      path('fix.mjs'),
      `export const fix = async (model, { log, step, files }) => {
        model.sci.data[1] += 50;
        model.header.set('FIXED', true);
        log.warn(\`fixed in \${step} \${files.length}\`);
      };
      export const other = () => ({});`,
    );
    const { saved, lines } = await run('DarkCurrentStep', ['raw_sci.fits'], { post_hooks: './fix.mjs:fix,' });
    const { sci, header } = await product(path(saved[0]!));
    expect(worst(sci, (i) => signal[i]! + (i === 1 ? 50 : 0), DARK[0]!)).toBeLessThan(1e-6);
    expect(header.get('FIXED')).toBe(true);
    expect(lines).toContain('stpipe.DarkCurrentStep.post_hook0 - WARNING - fixed in DarkCurrentStep 0');
    for (const [hook, message] of [
      ['fix.mjs:other', 'gave back another object'],
      ['fix.mjs:none', 'exports no function none; it exports: fix, other'],
      ['gone.mjs:fix', 'gone.mjs of a hook not found'],
    ])
      await expect(
        run('DarkCurrentStep', ['raw_sci.fits'], { post_hooks: `${hook},` }),
      ).rejects.toMatchObject({
        code: 'HOOK_FAILED',
        message: expect.stringContaining(message!),
      });
    expect(held()).toBe(0);
  });

  it('of Python is refused with what to do instead', async () => {
    raw();
    await expect(
      run('DarkCurrentStep', ['raw_sci.fits'], { pre_hooks: 'my.package.fix,' }),
    ).rejects.toMatchObject({
      code: 'NOT_AVAILABLE',
      message: expect.stringContaining('python3 fix.py {0}'),
    });
  });
});

describe('hooks of a pipeline', () => {
  const LINES = `class = iris_pipeline.Image2Pipeline
pre_hooks = "cp one.json {0}; echo chosen {args}",
post_hooks = "NormalizeStep(method='mean')",
[steps]
[[bkg_subtract]]
pre_hooks = "echo backgrounds {1} {0}",
[[dark_current]]
skip = True
post_hooks = "echo after a skipped step",
[[flat_field]]
skip = True
`;

  it('run where stpipe runs them: around the pipeline and around each step, skipped ones too', async () => {
    raw();
    write('sky.fits', { sci: pixels((i) => DARK[i]!) });
    const member = (expname: string, exptype: string) => ({ expname, exptype });
    const members = [member('raw_sci.fits', 'science'), member('sky.fits', 'background')];
    writeFileSync(path('one.json'), JSON.stringify({ products: [{ name: 'p', members }] }));
    writeFileSync(path('image2.cfg'), LINES);
    const { saved, lines } = await run(path('image2.cfg'), ['asn.json']);
    expect(saved).toEqual(['p_cal.fits']);
    expect(readFileSync(path('asn.json'), 'utf8')).toBe(readFileSync(path('one.json'), 'utf8'));
    const { sci, header } = await product(path('p_cal.fits'));
    const mean = signal.reduce((a, b) => a + b) / signal.length;
    expect(worst(sci, (i) => signal[i]! / mean, 1)).toBeLessThan(1e-6);
    expect(header.get('S_NORMAL')).toBe('COMPLETE');
    const bare = lines.map((line) => line.replace(/^stpipe\.image2\.?/, '').replace(' - INFO - ', ': '));
    const at = (part: string): number => bare.findIndex((line) => line.startsWith(part));
    const order = [
      'pre_hook0: STDOUT: chosen asn.json',
      ': Starting calwebb_image2',
      'dark_current: Step dark_current running',
      'dark_current.post_hook0: STDOUT: after a skipped step',
      'dark_current: Step dark_current done',
      'bkg_subtract: Step bkg_subtract running',
      'bkg_subtract.pre_hook0: STDOUT: backgrounds ',
      'bkg_subtract: Step bkg_subtract done',
      'post_hook0: Step post_hook0 running',
      ': Saved model in p_cal.fits',
    ].map(at);
    expect(order.every((index) => index >= 0)).toBe(true);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(held()).toBe(0);
  });

  it('may name the files to work on', async () => {
    raw();
    writeFileSync(
      path('pick.mjs'),
      `export const pick = ([file]) => file.replace('asn', 'raw_sci').replace('json', 'fits');
export const wrong = () => 3;`,
    );
    const options = { 'steps.normalize.skip': 'True', pre_hooks: 'pick.mjs:pick,' };
    const { saved } = await run('PreprocessFlatfield', ['asn.json'], options);
    expect(saved).toEqual(['raw_sci_flat.fits']);
    await expect(
      run('PreprocessFlatfield', ['asn.json'], { ...options, pre_hooks: 'pick.mjs:wrong,' }),
    ).rejects.toThrow('expected nothing, a path');
    await expect(run('PreprocessFlatfield', ['asn.json'], { pre_hooks: 'NormalizeStep,' })).rejects.toThrow(
      'give step normalize to its first step',
    );
  });

  it('are given whole frames where the pipeline itself would go strip by strip', async () => {
    raw();
    const seen = "'head -c 8640 {0} | tr -c A-Z0-9= _ | grep -o NAXIS2_*=_*[0-9]*',";
    const options = { 'steps.dark_sub.post_hooks': seen, 'steps.normalize.skip': 'True', suffix: 'whole' };
    const { lines } = await run('CreateFlatfield', ['raw_sci.fits'], options, { stripPixels: 16 });
    expect(lines.filter((line) => line.includes('STDOUT')).map((line) => line.replace(/.*_/, ''))).toEqual([
      '6',
    ]);
    expect(held()).toBe(0);
  });
});
