import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Instance, newInstance } from '../fixtures/instance.ts';

const TOKEN = 'a token of the tests';

let drs: Instance;
let address: string;
let header: string;
beforeAll(async () => {
  drs = newInstance();
  await drs.must('sim', 'references', '--refs', drs.refs, '--size', '64', '--reads', '4');
  header = join(drs.root, 'header.json');
  const keywords = {
    INSTRUME: 'IRIS',
    DETECTOR: 'IMG1',
    SUBARRAY: 'FULL',
    'DATE-OBS': '2031-02-03T04:05:06',
  };
  writeFileSync(header, JSON.stringify(keywords));
  const tokens = join(drs.root, 'tokens');
  writeFileSync(tokens, `observatory ${TOKEN.replaceAll(' ', '-')}\n`);
  drs.environment.DRS_TOKENS = tokens;
  await drs.must('up', '--modes', 'imager');
  address = (await drs.status()).processes.find(({ name }) => name === 'refdb')?.grpc ?? '';
}, 120_000);
afterAll(() => drs[Symbol.asyncDispose]());

const refs = (...args: string[]) => drs.must('refs', ...args);

it('the service answers as the cache itself does', async () => {
  for (const args of [
    ['bestrefs', header, '--types', 'dark,gain,apcorr'],
    ['bestrefs', header],
    ['why', header, 'dark'],
    ['list', 'references'],
  ]) {
    const run = async (...more: string[]) => {
      const { code, stdout } = await drs.drs('refs', ...args, ...more);
      return [code, stdout.split('\n').sort()];
    };
    const [there, here] = await Promise.all([run('--remote', address), run()]);
    expect(there, args.join(' ')).toEqual(here);
  }
}, 120_000);

it('takes references from who shows a token, and goes back; sync follows from anywhere', async () => {
  const file = join(drs.root, 'tmt_iris_dark_img1_0002.fits');
  writeFileSync(file, readFileSync(join(drs.refs, 'references/tmt/iris/tmt_iris_dark_img1_0001.fits')));
  const send = ['refs', 'ingest', file, '--why', 'a new dark', '--by', 'ada', '--remote', address];
  const refused = await drs.drs(...send);
  expect([refused.code, refused.stdout]).toEqual([3, '']);
  expect(refused.stderr).toContain('DRS_TOKEN');
  drs.environment.DRS_TOKEN = TOKEN.replaceAll(' ', '-');
  const none = ['refs', 'ingest', header, '--why', 'no reference'];
  const [there, here] = [await drs.drs(...none, '--remote', address), await drs.drs(...none)];
  expect([there.code, here.code]).toEqual([1, 1]);
  expect(JSON.parse(await drs.must(...send, '--json'))).toMatchObject({
    changed: true,
    entry: { action: 'ingest', by: 'ada (observatory)', from: 'tmt_0001.pmap', to: 'tmt_0002.pmap' },
  });
  expect(await refs('why', header, 'dark', '--remote', address)).toMatch(
    /^dark: tmt_iris_dark_img1_0002\.fits/,
  );

  const copy = join(drs.root, 'copy');
  for (const context of ['tmt_0001.pmap', 'tmt_0002.pmap']) {
    await refs('sync', '--from', address, '--refs', copy, '--contexts', context);
  }
  const below = (path: string) => readdirSync(path, { recursive: true }).map(String).sort();
  for (const part of ['mappings', 'references'])
    expect(below(join(copy, part))).toEqual(
      below(join(drs.refs, part)).filter((name) => !name.startsWith('.')),
    );
  expect(readFileSync(join(copy, 'references/tmt/iris/tmt_iris_dark_img1_0002.fits'))).toEqual(
    readFileSync(file),
  );
  const again = JSON.parse(
    await refs('sync', '--from', address, '--refs', copy, '--json', '--check-sha1sum'),
  );
  expect(again).toMatchObject({ context: 'tmt_0002.pmap', copied: 0, absent: [] });

  await refs('rollback', '--why', 'not yet', '--remote', address);
  await refs('activate', 'tmt_0002.pmap', '--why', 'now', '--remote', address);
  const history = (await refs('history', '--json', '--remote', address)).trimEnd().split('\n');
  expect(history.map((line) => JSON.parse(line).action)).toEqual(['activate', 'rollback', 'ingest', 'begin']);
  const missing = await drs.drs('refs', 'activate', 'tmt_0099.pmap', '--why', 'x', '--remote', address);
  expect([missing.code, missing.stderr.split('\n').length]).toEqual([3, 2]);
}, 120_000);
