import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readImage } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Instance, newInstance, type Ran } from '../fixtures/instance.ts';

let instance: Instance;
const inExample = (name: string): string => join(instance.data, 'example', name);
const asn = (): string => inExample('asn_subtract_bg_flat.json');
const science = (): string => inExample('raw_science_frame_sci.fits');

beforeAll(async () => {
  instance = newInstance();
  mkdirSync(instance.data, { recursive: true });
  await instance.must('sim', 'seed-example', join(instance.data, 'example'), '--size', '96');
  const refs = inExample('crds_cache');
  Object.assign(instance.environment, { CRDS_PATH: refs });
  await instance.must('up', '--refs', refs, '--modes', 'imager');
  const flat = ['PreprocessFlatfield', inExample('raw_flat_frame_cal.fits'), '--log-stream=null'];
  await instance.must('run', ...flat, '--output_dir', inExample('.'));
  copyFileSync(inExample('raw_flat_frame_flat.fits'), inExample('flat.fits'));
}, 60_000);
afterAll(async () => instance[Symbol.asyncDispose](), 60_000);

const remote = (...args: string[]): Promise<Ran> => instance.drs('run', ...args, '--remote');
const lastLine = ({ stderr }: Ran): string => stderr.trimEnd().split('\n').at(-1) ?? '';
const saved = ({ stderr }: Ran): string[] =>
  [...stderr.matchAll(/Saved model in (\S+)/g)].map(([, path]) => path!);

const pixels = async (path: string): Promise<number[]> => {
  using fits = await openFile(path);
  return Array.from((await readImage(fits, fits.hdu('SCI'))).data, Number);
};

describe('a run through the services', () => {
  it('gives the pixels of the same run here, and says the same of its steps', async () => {
    const here = await instance.drs(
      'run',
      inExample('image2_iris.cfg'),
      asn(),
      '--output_dir',
      instance.data,
    );
    expect([here.code, here.stdout]).toEqual([0, '']);
    const there = await remote(inExample('image2_iris.cfg'), asn());
    expect([there.code, there.stdout]).toEqual([0, '']);
    const product = saved(there).at(-1)!;
    expect(product).toMatch(/\/20191004\/reduced\/imager\/run\d+n2-test_iris_subtract_bg_flat_cal\.fits$/);
    expect(saved(there)).toHaveLength(3);
    const local = join(instance.data, 'test_iris_subtract_bg_flat_cal.fits');
    expect(await pixels(product)).toEqual(await pixels(local));
    const bare = (text: string): string[] => text.split('\n').map((line) => line.replace(/^\S+ \S+ - /, ''));
    const about = (line: string): boolean =>
      /instance created|dark_current - INFO - Step .* done|ending calwebb/.test(line);
    expect([...new Set(bare(there.stderr).filter(about))]).toEqual([
      ...new Set(bare(here.stderr).filter(about)),
    ]);
    using fits = await openFile(product);
    const header = fits.hdu(0).header;
    expect(['R_DARK', 'R_FLAT', 'S_BKDSUB', 'CRDS_CTX'].map((keyword) => header.get(keyword))).toEqual([
      ...['crds://tmt_iris_dark_0001.fits', 'flat.fits', 'COMPLETE', 'tmt_0001.pmap'],
    ]);
    using own = await openFile(local);
    for (const keyword of ['ASNPOOL', 'ASNTABLE', 'CAL_VER', 'CRDS_CTX', 'CRDS_VER'])
      expect([keyword, header.get(keyword)]).toEqual([keyword, own.hdu(0).header.get(keyword) ?? 'said']);
  });

  it('takes a step by addresses too, others skipped, and never the place of an earlier product', async () => {
    const { processes } = await instance.status();
    const address = processes.find(({ name }) => name === 'calib')!.grpc!;
    const run = ['DarkCurrentStep', science(), '--remote', address];
    const [one, two] = [await instance.drs('run', ...run), await instance.drs('run', ...run)];
    expect([one.code, two.code]).toEqual([0, 0]);
    expect(saved(one)).not.toEqual(saved(two));
    expect(one.stderr).toContain('flat_field - INFO - Step skipped.');
    using fits = await openFile(saved(one)[0]!);
    const { header } = fits.hdu(0);
    expect([header.get('S_DARK'), header.get('S_FLAT')]).toEqual(['COMPLETE', 'SKIPPED']);
  });

  it('refuses what services never do, each with one message', async () => {
    const outside = join(instance.root, 'outside.fits');
    copyFileSync(science(), outside);
    for (const [args, code, message] of [
      [['DarkCurrentStep', outside], 1, 'files must be inside the volume'],
      [['Image2Pipeline', asn(), '--steps.flat_field.post_hooks=rm {0},'], 1, 'services run no hooks'],
      [['NormalizeStep', science()], 1, 'no service does this'],
    ] as const) {
      const ran = await remote(...args);
      expect([ran.code, lastLine(ran)]).toEqual([code, expect.stringContaining(message)]);
    }
  });

  it('ends with what a stage reports', async () => {
    const ran = await remote('DarkCurrentStep', science(), `--override_dark=${asn()}`);
    expect(ran.code).toBe(1);
    expect(lastLine(ran)).toMatch(/^drs: calib: .*asn_subtract_bg_flat\.json.*\(\w+\)$/);
  });
});
