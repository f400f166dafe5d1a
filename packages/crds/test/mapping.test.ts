import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chooseReference } from '../src/choose.ts';
import { formatMapping, parseMapping } from '../src/index.ts';
import { DATE, DETECTOR, match, rmap, rmapText, useAfter } from './rmap.ts';

const text = rmapText([DETECTOR, DATE], match([['IMG1', useAfter({ '2020-01-01 00:00:00': 'a.fits' })]]));
const header = (values: Record<string, string>) => new Map(Object.entries(values));

describe('mapping files', () => {
  it('are written as CRDS writes them, keys sorted, with the sha1sum of all other lines', () => {
    expect(text.replace(/[0-9a-f]{40}/, 'SUM')).toMatchInlineSnapshot(`
      "header = {
          'derived_from' : 'NONE',
          'filekind' : 'FLAT',
          'instrument' : 'IRIS',
          'mapping' : 'REFERENCE',
          'name' : 'tmt_iris_flat_0001.rmap',
          'observatory' : 'TMT',
          'parkey' : (('META.INSTRUMENT.DETECTOR',), ('META.OBSERVATION.DATE', 'META.OBSERVATION.TIME')),
          'sha1sum' : 'SUM',
      }

      selector = Match({
          'IMG1' : UseAfter({
              '2020-01-01 00:00:00' : 'a.fits',
          }),
      })
      "
    `);
    const lines = text.split(/(?<=\n)/).filter((line) => !line.includes('sha1sum'));
    expect(text).toContain(`'sha1sum' : '${createHash('sha1').update(lines.join('')).digest('hex')}'`);
  });

  it('have the sum that TMT computed for its own', () => {
    // tmt_0001.pmap of tmt-crds-cache
    const pmap = formatMapping({
      header: {
        derived_from: '',
        description: 'first version',
        ignore_checksum: true,
        mapping: 'PIPELINE',
        name: 'tmt_0001.pmap',
        observatory: 'TMT',
        parkey: ['META.INSTRUMENT.NAME'],
      },
      selector: { IRIS: 'tmt_iris_0003.imap' },
    });
    expect(pmap).toContain("'sha1sum' : '0895daddfafcea2bbfea29b30ba64f63da40fd87'");
    expect(parseMapping(pmap, 'tmt_0001.pmap')).toMatchObject({
      kind: 'pipeline',
      observatory: 'tmt',
      instruments: new Map([['iris', 'tmt_iris_0003.imap']]),
    });
  });

  it('are refused when the sum is wrong or missing, unless that is asked for', () => {
    const changed = text.replace('a.fits', 'b.fits');
    expect(() => parseMapping(changed, 'x.rmap')).toThrow("sha1sum mismatch in 'x.rmap'");
    expect(() => parseMapping(text.replace(/ *'sha1sum.*\n/, ''), 'x.rmap')).toThrow(
      "sha1sum is missing in 'x.rmap'",
    );
    expect(parseMapping(changed, 'x.rmap', { ignoreChecksum: true }).kind).toBe('reference');
    expect(parseMapping(text.replaceAll('\n', '\r\n'), 'x.rmap').kind).toBe('reference');
  });

  it('need their header keys, and a name that fits what they are', () => {
    const load = (source: string, file = 'x.rmap') => parseMapping(source, file, { ignoreChecksum: true });
    expect(() => load(text.replace(/ *'filekind.*\n/, ''))).toThrow(
      "Required header key 'filekind' is missing",
    );
    expect(() => load(text.replace(/ *'parkey.*\n/, ''))).toThrow("Required header key 'parkey' is missing");
    expect(() => load(text, 'x.imap')).toThrow("its header says mapping 'reference'");
    expect(() => load("selector = {'a' : 'b'}\n")).toThrow('it has no header');
    expect(() => load(text.replace(/selector.*/s, "selector = {'a' : 'b'}\n"))).toThrow(
      'its selector must be Match',
    );
    expect(() => load(text.replace(/\('META.OBS.*\)\),/, "'X'),"))).toThrow(
      'UseAfter lies deeper than the parkey of the header has levels',
    );
  });
});

describe('the rules of one type', () => {
  const rules = match([
    ['IMG1', 'a.fits'],
    ['IMG2', 'N/A'],
    ['IMG3', 'OMIT'],
    ['IMG4', ['a.fits', 'b.fits']],
    ['IMG4|IMG5', 'same.fits'],
    ['IMG5|IMG6', 'same.fits'],
  ]);
  const best = (detector: string, extra = {}) =>
    chooseReference(rmap([DETECTOR], rules, extra), header({ 'META.INSTRUMENT.DETECTOR': detector }), 'flat');

  it('answer a file, that none applies, or an error', () => {
    expect(best('IMG1')).toEqual({ type: 'flat', answer: 'file', file: 'a.fits' });
    expect(best('IMG2')).toMatchObject({ answer: 'notApplicable', reason: expect.stringContaining('N/A') });
    expect(best('IMG3')).toMatchObject({ answer: 'notApplicable', reason: expect.stringContaining('omits') });
    expect(best('IMG9')).toMatchObject({ answer: 'error', kind: 'ValidationError' });
    expect(best('IMG4')).toMatchObject({ answer: 'error', kind: 'AmbiguousMatchError' });
    expect(best('IMG5'), 'equally good rules that agree').toMatchObject({ file: 'same.fits' });
  });

  it('do not apply where rmap_relevance or rmap_omit say so', () => {
    expect(best('IMG1', { rmap_relevance: '(META.INSTRUMENT.DETECTOR == "IMG2")' }).answer).toBe(
      'notApplicable',
    );
    expect(best('IMG1', { rmap_relevance: '(META_INSTRUMENT_DETECTOR == "IMG1")' }).answer).toBe('file');
    expect(best('IMG1', { rmap_relevance: 'ALWAYS' }).answer).toBe('file');
    expect(best('IMG1', { rmap_omit: '(META.INSTRUMENT.DETECTOR == "IMG1")' }).answer).toBe('notApplicable');
    expect(best('IMG1', { rmap_relevance: '(UNKNOWN == "X")' }).answer, 'a failing expression').toBe('file');
  });

  it('are optional where reffile_required says NO', () => {
    expect(best('IMG9', { reffile_required: 'NO' }).answer).toBe('notApplicable');
    expect(best('IMG9', { reffile_required: 'YES' }).answer).toBe('error');
  });

  it('do not look at a parameter that parkey_relevance switches off', () => {
    const mapping = rmap(
      [['DETECTOR', 'FILTER']],
      match([
        [['IMG1', 'K'], 'k.fits'],
        [['IFS', 'N/A'], 'ifs.fits'],
      ]),
      { parkey_relevance: { FILTER: '(DETECTOR != "IFS")' } },
    );
    expect(chooseReference(mapping, header({ DETECTOR: 'IFS', FILTER: 'WRONG' }))).toMatchObject({
      file: 'ifs.fits',
    });
    expect(chooseReference(mapping, header({ DETECTOR: 'IMG1', FILTER: 'K' }))).toMatchObject({
      file: 'k.fits',
    });
  });

  it('say that plug-ins of CRDS do not exist here', () => {
    expect(best('IMG1', { hooks: { precondition_header: 'precondition_header_acs_v2' } })).toMatchObject({
      answer: 'error',
      kind: 'NotSupported',
    });
    expect(best('IMG1', { hooks: { precondition_header: 'none' } }).answer).toBe('file');
  });
});
