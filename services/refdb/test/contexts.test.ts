import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingestRemotely } from '@iris-drs/bus';
import { buildCache } from '@iris-drs/crds';
import type {
  CertifyRequest,
  CertifyResponse,
  DiffResponse,
  FetchChunk,
  ListContextsResponse,
  ListReferencesResponse,
  WhyResponse,
} from '@iris-drs/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeReference } from '../../../test/fixtures/small-reference.ts';
import { alone } from './fixtures/alone.ts';
import { connect, unary } from './fixtures/connect.ts';

let dir: string;
let cache: string;
let service: Awaited<ReturnType<typeof connect>>;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'refdb-'));
  cache = join(dir, 'cache');
  mkdirSync(join(dir, 'data'));
  const parameters = ['META.INSTRUMENT.DETECTOR'];
  const old = { match: ['IMG1'], useAfter: '2020-01-01 00:00:00', file: 'flat_old.fits' };
  await buildCache(cache, { types: { flat: { parameters, references: [old] }, dark: 'N/A' } });
  service = await connect(alone(cache, join(dir, 'data')));
  const references = [{ path: writeReference(dir, 'flat_1.fits', { size: 600 }) }];
  await ingestRemotely(service.client, { references, by: 'ada', why: 'a test' });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const keywords = { INSTRUME: 'IRIS', DETECTOR: 'IMG1', 'DATE-OBS': '2031-01-01T00:00:00' };
const certify = (subject: NonNullable<CertifyRequest['subject']>, referenceType = '') =>
  unary<CertifyResponse>((answer) => service.client.certify({ subject, referenceType }, answer));

describe('why', () => {
  const why = (header: Record<string, string>, referenceType = 'flat', context = '') =>
    unary<WhyResponse>((answer) =>
      service.client.why({ context, header: { keywords: header }, referenceType }, answer),
    );

  it('tells the path to an answer', async () => {
    const told = await why(keywords);
    expect(told).toMatchObject({
      context: 'tmt_0002.pmap',
      best: { answer: { $case: 'file', value: 'flat_1.fits' }, path: expect.stringMatching(/flat_1\.fits$/) },
      mappings: ['tmt_0002.pmap', 'tmt_iris_0002.imap', 'tmt_iris_flat_0002.rmap'],
      failed: [],
    });
    expect(told.levels.map(({ selector }) => selector)).toEqual(['Match', 'UseAfter']);
    expect(told.levels[0]?.rules[0]?.conditions[0]).toMatchObject({
      parameter: 'META.INSTRUMENT.DETECTOR',
      verdict: 'matches',
    });
    expect(told.text[0]).toBe('flat: flat_1.fits');
  });

  it('of a miss tells the nearest rule and what fails in it', async () => {
    const told = await why({ ...keywords, 'DATE-OBS': '2019-01-01T00:00:00' });
    expect(told.best?.answer).toMatchObject({ $case: 'error' });
    expect(told.failed).toMatchObject([{ verdict: 'fails', wanted: '2020-01-01 00:00:00' }]);
  });

  it('goes by any context, and refuses one that is not there', async () => {
    expect((await why(keywords, 'flat', 'tmt_0001.pmap')).best?.answer?.value).toBe('flat_old.fits');
    await expect(why(keywords, 'flat', 'tmt_0099.pmap')).rejects.toMatchObject({ code: 5 });
  });
});

describe('lists', () => {
  it('name every context, and the one in force', async () => {
    const listed = await unary<ListContextsResponse>((answer) => service.client.listContexts({}, answer));
    expect(listed).toEqual({
      inForce: 'tmt_0002.pmap',
      contexts: [
        { context: 'tmt_0001.pmap', observatory: 'tmt', derivedFrom: 'generated' },
        { context: 'tmt_0002.pmap', observatory: 'tmt', derivedFrom: 'tmt_0001.pmap' },
      ],
    });
  });

  it('name every reference of a context, those that the cache lacks too', async () => {
    const list = (referenceTypes: string[]) =>
      unary<ListReferencesResponse>((answer) =>
        service.client.listReferences({ context: '', referenceTypes }, answer),
      );
    expect((await list([])).references).toMatchObject([
      {
        file: 'flat_1.fits',
        referenceType: 'flat',
        instrument: 'iris',
        present: true,
        sha1: expect.stringMatching(/^[0-9a-f]{40}$/),
      },
      { file: 'flat_old.fits', present: false, path: '', size: 0, sha1: '' },
    ]);
    expect((await list(['dark'])).references).toEqual([]);
  });

  it('tell what differs between two contexts', async () => {
    const { differences, text } = await unary<DiffResponse>((answer) =>
      service.client.diff({ from: 'tmt_0001.pmap', to: '' }, answer),
    );
    expect(differences).toContainEqual(
      expect.objectContaining({ of: 'rule', action: 'added', referenceType: 'flat', new: 'flat_1.fits' }),
    );
    expect(text.join('\n')).toContain('flat_1.fits');
  });
});

describe('certify', () => {
  it('passes what was ingested, and the context', async () => {
    for (const value of ['flat_1.fits', 'tmt_0002.pmap', 'tmt_iris_flat_0002.rmap']) {
      const { findings, passed } = await certify({ $case: 'file', value });
      expect(
        findings.filter(({ severity }) => severity === 'error'),
        value,
      ).toEqual([]);
      expect(passed).toBe(true);
    }
  });

  it('tells what is wrong with a file of the volume, and looks at no other', async () => {
    writeFileSync(join(dir, 'data/bad.fits'), 'no FITS');
    const { passed, findings } = await certify({ $case: 'path', value: 'bad.fits' }, 'flat');
    expect(passed).toBe(false);
    expect(findings[0]).toMatchObject({ severity: 'error', file: 'bad.fits' });
    await expect(certify({ $case: 'path', value: '../flat_1.fits' })).rejects.toMatchObject({ code: 7 });
    await expect(certify({ $case: 'file', value: '../../x.fits' })).rejects.toMatchObject({ code: 3 });
    await expect(certify({ $case: 'file', value: 'tmt_0099.pmap' })).rejects.toMatchObject({ code: 5 });
  });
});

describe('fetch', () => {
  const chunks = async (file: string, offset = 0): Promise<FetchChunk[]> => {
    const all: FetchChunk[] = [];
    for await (const chunk of service.client.fetch({ file, offset }) as AsyncIterable<FetchChunk>)
      all.push(chunk);
    return all;
  };

  it('tells the checksum of the whole file in the last chunk, from wherever it begins', async () => {
    const whole = await chunks('flat_1.fits');
    expect(whole.map(({ sha1 }) => sha1.length)).toEqual([0, 40]);
    const rest = await chunks('flat_1.fits', 2 ** 20 + 7);
    expect(rest.map(({ offset }) => offset)).toEqual([2 ** 20 + 7]);
    expect(rest.at(-1)?.sha1).toBe(whole.at(-1)?.sha1);
    expect((await chunks('flat_1.fits', 1e9)).map(({ data, sha1 }) => [data.length, sha1])).toEqual([
      [0, whole.at(-1)?.sha1],
    ]);
  });

  it('does not end well when the file is not what was ingested', async () => {
    const path = join(cache, 'references/tmt/iris/flat_1.fits');
    const [first] = await chunks('flat_1.fits');
    const bytes = Buffer.alloc(first!.totalSize, 1);
    writeFileSync(path, bytes);
    await expect(chunks('flat_1.fits')).rejects.toMatchObject({
      code: 15,
      details: expect.stringContaining('is damaged'),
    });
  });
});
