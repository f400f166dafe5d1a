import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildCache, localReferences } from '../../src/index.ts';

let cache: string;
beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), 'drs-bad-'));
  const references = [{ match: ['IMG1'], useAfter: '2020-01-01 00:00:00', file: 'flat_1.fits' }];
  await buildCache(cache, { types: { flat: { parameters: ['META.INSTRUMENT.DETECTOR'], references } } });
});
afterEach(() => {
  delete process.env.CRDS_ALLOW_BAD_REFERENCES;
  delete process.env.CRDS_ALLOW_BAD_RULES;
  rmSync(cache, { recursive: true, force: true });
});

const mark = (file: string, text: string): void => writeFileSync(join(cache, 'config', 'tmt', file), text);

const best = async () => {
  const header = { INSTRUME: 'IRIS', DETECTOR: 'IMG1', 'DATE-OBS': '2031-01-01T00:00:00' };
  const [answer] = await localReferences({ path: cache }).best(header, ['flat']);
  return answer;
};

describe('files that a cache marks as scientifically invalid', () => {
  it('are not answered, by bad_files.txt or by what CRDS saved of its server', async () => {
    expect(await best()).toMatchObject({ file: 'flat_1.fits' });
    const refused = {
      answer: 'error',
      kind: 'CrdsBadReferenceError',
      message: "Recommended reference 'flat_1.fits' of type 'flat' is designated scientifically invalid.",
    };
    mark('bad_files.txt', 'other.fits\nflat_1.fits\n');
    expect(await best()).toMatchObject(refused);
    mark('bad_files.txt', '');
    expect(await best()).toMatchObject({ file: 'flat_1.fits' });
    mark('server_config', "{'observatory' : 'tmt', 'bad_files' : 'x.fits flat_1.fits'}");
    expect(await best()).toMatchObject(refused);
    mark('server_config', 'not a dictionary {{{');
    expect(await best()).toMatchObject({ file: 'flat_1.fits' });
  });

  it('are rules too: all of the instrument are refused with them', async () => {
    mark('bad_files.txt', 'tmt_iris_flat_0001.rmap\n');
    expect(await best()).toMatchObject({
      kind: 'CrdsBadRulesError',
      message:
        "Final context 'tmt_0001.pmap' is marked as scientifically invalid based on: ['tmt_iris_flat_0001.rmap']",
    });
  });

  it('are used when the environment allows it', async () => {
    mark('bad_files.txt', 'tmt_iris_flat_0001.rmap flat_1.fits\n');
    process.env.CRDS_ALLOW_BAD_RULES = '1';
    expect(await best()).toMatchObject({ kind: 'CrdsBadReferenceError' });
    process.env.CRDS_ALLOW_BAD_REFERENCES = '1';
    expect(await best()).toMatchObject({ file: 'flat_1.fits' });
  });
});
