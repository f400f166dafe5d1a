import { describe, expect, it } from 'vitest';
import { deriveContext, diffContexts, diffText } from '../../src/index.ts';
import { loadTmt, reader, TMT } from '../tmt.ts';

const next = async () => {
  const before = await loadTmt();
  const header = { INSTRUME: 'IRIS', DETECTOR: 'IRIS1', FILTER: 'K', USEAFTER: '2020-01-01 00:00:00' };
  const { context, mappings } = deriveContext(
    before,
    reader(TMT),
    {
      remove: ['flat_3.fits'],
      insert: [
        { type: 'flat', file: 'flat_9.fits', header },
        { type: 'flat', file: 'flat_8.fits', header: { ...header, DETECTOR: 'IMG3' } },
        { type: 'mask', file: 'mask_1.fits', header: { ...header, SUBARRAY: 'FULL' } },
      ],
    },
    () => false,
  );
  const files = { ...TMT, ...Object.fromEntries(mappings.map(({ file, text }) => [file, text])) };
  return [before, await loadTmt(files, context)] as const;
};

describe('differences of contexts', () => {
  it('are those of the rules and of the files that hold them, as `crds diff` prints them', async () => {
    const diff = diffContexts(...(await next()));
    expect(diffText(diff.differences)).toMatchInlineSnapshot(`
      [
        "(('tmt_0001.pmap', 'tmt_0002.pmap'), ('tmt_iris_0001.imap', 'tmt_iris_0002.imap'), ('tmt_iris_flat_0001.rmap', 'tmt_iris_flat_0002.rmap'), ('IMG3', 'K'), ('2020-01-01', '00:00:00'), 'added Match rule for flat_8.fits')",
        "(('tmt_0001.pmap', 'tmt_0002.pmap'), ('tmt_iris_0001.imap', 'tmt_iris_0002.imap'), ('tmt_iris_flat_0001.rmap', 'tmt_iris_flat_0002.rmap'), ('IRIS1', 'K'), ('2020-01-01', '00:00:00'), 'replaced flat_1.fits with flat_9.fits')",
        "(('tmt_0001.pmap', 'tmt_0002.pmap'), ('tmt_iris_0001.imap', 'tmt_iris_0002.imap'), ('tmt_iris_flat_0001.rmap', 'tmt_iris_flat_0002.rmap'), ('IRIS2', 'K'), ('2020-01-01', '00:00:00'), 'deleted Match rule for flat_3.fits')",
        "(('tmt_0001.pmap', 'tmt_0002.pmap'), ('tmt_iris_0001.imap', 'tmt_iris_0002.imap'), ('flat',), 'replaced tmt_iris_flat_0001.rmap with tmt_iris_flat_0002.rmap')",
        "(('tmt_0001.pmap', 'tmt_0002.pmap'), ('tmt_iris_0001.imap', 'tmt_iris_0002.imap'), ('mask',), 'replaced N/A with tmt_iris_mask_0001.rmap')",
        "(('tmt_0001.pmap', 'tmt_0002.pmap'), ('iris',), 'replaced tmt_iris_0001.imap with tmt_iris_0002.imap')",
      ]
    `);
    expect(diff.affected).toEqual({ iris: ['flat', 'mask'] });
  });

  it('are plain data with the files, the instrument and the type', async () => {
    const diff = diffContexts(...(await next()));
    expect(JSON.parse(JSON.stringify(diff))).toEqual(diff);
    expect(diff.differences.find(({ action, of }) => action === 'replaced' && of === 'rule')).toMatchObject({
      instrument: 'iris',
      type: 'flat',
      key: [
        ['IRIS1', 'K'],
        ['2020-01-01', '00:00:00'],
      ],
      old: 'flat_1.fits',
      new: 'flat_9.fits',
    });
  });

  it('of a context with itself are none', async () => {
    const context = await loadTmt();
    expect(diffContexts(context, context)).toEqual({
      old: 'tmt_0001.pmap',
      new: 'tmt_0001.pmap',
      differences: [],
      affected: {},
    });
  });

  it('turn round when the contexts are swapped', async () => {
    const [before, after] = await next();
    const texts = diffContexts(after, before).differences.map(({ text }) => text);
    expect(texts).toContain("replaced 'flat_9.fits' with 'flat_1.fits'");
    expect(texts).toContain("replaced 'tmt_iris_mask_0001.rmap' with 'N/A'");
    expect(texts).toContain("added Match rule for 'flat_3.fits'");
  });
});
