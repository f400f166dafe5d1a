import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CrdsError, localReferences } from '../../src/index.ts';
import { match, rmapText } from '../rmap.ts';
import { TMT } from '../tmt.ts';

let cache: string;
let mappings: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'drs-hostile-'));
  mappings = join(cache, 'mappings', 'tmt');
  mkdirSync(mappings, { recursive: true });
  for (const [file, text] of Object.entries(TMT)) put(file, text);
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const put = (file: string, text: string | Uint8Array): void => writeFileSync(join(mappings, file), text);
const huge = (file: string): void => {
  const fd = openSync(join(mappings, file), 'w');
  ftruncateSync(fd, 2 ** 30);
  closeSync(fd);
};

const header = {
  INSTRUME: 'IRIS',
  DETECTOR: 'IMG1',
  FILTER: 'K',
  SUBARRAY: 'FULL',
  EXP_TYPE: 'X',
  'DATE-OBS': '2031-01-01T00:00:00',
};
const flat = async (more: Record<string, string> = {}) => {
  const source = localReferences({ path: cache, context: 'tmt_0001.pmap', ignoreChecksum: true });
  const [best] = await source.best({ ...header, ...more }, ['flat']);
  return best?.answer === 'error' ? `${best.kind}: ${best.message}` : best;
};
/** What the whole context says. */
const refused = async (): Promise<string> => {
  const failed = await flat().catch((error: unknown) => error);
  return failed instanceof CrdsError ? `${failed.code}: ${failed.message}` : String(failed);
};

const RMAP = 'tmt_iris_flat_0001.rmap';
const IMAP = 'tmt_iris_0001.imap';

describe('a broken .rmap is one clear answer of its type, and others go on', () => {
  it.each([
    [
      'code',
      `${TMT[RMAP]}\n__import__('os').system('true')\n`,
      /^MappingFormatError: tmt_iris_flat_0001\.rmap, line \d+: /,
    ],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x00), /is no UTF-8 text; a mapping is$/],
    [
      'another kind of mapping',
      TMT[IMAP]!,
      /^MappingFormatError: .*mapping 'instrument'; a file of this name is 'reference'/,
    ],
    ['brackets without end', '('.repeat(200_000), /^MappingFormatError/],
  ])('%s', async (_, text, message) => {
    put(RMAP, text);
    expect(await flat()).toMatch(message);
    const source = localReferences({ path: cache, context: 'tmt_0001.pmap' });
    expect(await source.best(header, ['dark'])).toMatchObject([{ answer: 'file' }]);
  });

  it('of a gigabyte is not even read', async () => {
    huge(RMAP);
    expect(await flat()).toMatch(/1073741824 bytes; a mapping has at most 67108864$/);
  });

  it('that is not there, or lies elsewhere', async () => {
    rmSync(join(mappings, RMAP));
    expect(await flat()).toMatch(/^MappingNotFound: The mapping tmt_iris_flat_0001\.rmap is not in /);
    put(IMAP, TMT[IMAP]!.replace(RMAP, '../../../../etc/passwd'));
    expect(await flat()).toMatch(
      /^UnsafeName: "\.\.\/\.\.\/\.\.\/\.\.\/etc\/passwd" is no file name of a CRDS cache/,
    );
  });
});

describe('a broken context is one clear error', () => {
  it('that leads back to itself', async () => {
    put('tmt_0001.pmap', TMT['tmt_0001.pmap']!.replace(IMAP, 'tmt_0001.pmap'));
    expect(await flat()).toMatch(/^MappingFormatError: tmt_0001\.pmap is a mapping of another kind than/);
    put('tmt_0001.pmap', TMT['tmt_0001.pmap']!);
    put(IMAP, TMT[IMAP]!.replace(RMAP, IMAP));
    expect(await flat()).toMatch(
      /^MappingFormatError: tmt_iris_0001\.imap is a mapping of another kind than/,
    );
  });

  it('of a gigabyte, of nothing, with a wrong checksum', async () => {
    huge('tmt_0001.pmap');
    expect(await refused()).toMatch(/^MappingFormatError: tmt_0001\.pmap, line 1: 1073741824 bytes/);
    put('tmt_0001.pmap', '');
    expect(await refused()).toMatch(/^MappingFormatError: tmt_0001\.pmap, line 1: it has no header/);
    put('tmt_0001.pmap', `${TMT['tmt_0001.pmap']}# changed\n`);
    await expect(localReferences({ path: cache, context: 'tmt_0001.pmap' }).context()).rejects.toMatchObject({
      code: 'ChecksumError',
    });
  });
});

describe('headers cost what they are long', () => {
  it('with patterns that would run for ever elsewhere', async () => {
    const keys = ['((a+)+b)', '(.*.*.*.*=.*)', '*a*a*a*a*a*b', 'a|'.repeat(5000)];
    put(RMAP, rmapText([['META.INSTRUMENT.FILTER']], match(keys.map((key, i) => [[key], `f${i}.fits`]))));
    expect(await flat({ FILTER: 'A'.repeat(100_000) })).toMatch(/^(?:MatchingError|ValidationError)/);
  });

  it('and nothing of long values is kept', async () => {
    for (let i = 0; i < 10; i++) {
      expect(await flat({ FILTER: 'x'.repeat(1_000_000 + i) })).toMatch(/^ValidationError/);
    }
  });
});
