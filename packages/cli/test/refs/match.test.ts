import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatMapping, type MappingRules } from '@iris-drs/crds';
import { beforeAll, describe, expect, it } from 'vitest';
import { drs, testDirectory } from '../drs.ts';

const directory = testDirectory();
const path = (name: string) => join(directory, name);

const text = (selector: MappingRules, header = {}): string =>
  formatMapping({
    header: {
      derived_from: 'NONE',
      filekind: 'FLATFILE',
      instrument: 'ACS',
      mapping: 'REFERENCE',
      name: 'hst_acs_flatfile_0001.rmap',
      observatory: 'HST',
      parkey: [['DETECTOR', 'CCDGAIN'], ['DATE-OBS']],
      ...header,
    },
    selector,
  });

const dates = (file: string): MappingRules => ({
  selector: 'UseAfter',
  rules: [['2002-03-01 00:00:00', file]],
});

beforeAll(() => {
  const rules: MappingRules = {
    selector: 'Match',
    rules: [
      [['WFC', '1.0|2.0'], dates('wfc.fits')],
      [['HRC', 'N/A'], dates('hrc.fits')],
      [['SBC', '1.0'], 'N/A'],
      [['SBC', '2.0'], 'OMIT'],
      [
        ['SBC', '4.0'],
        ['a.fits', 'b.fits'],
      ],
    ],
  };
  writeFileSync(path('a.rmap'), text(rules));
  writeFileSync(path('wrong.rmap'), text(rules).replace('hrc.fits', 'other.fits'));
  const iris = text(
    { selector: 'Match', rules: [[['IRIS1'], 'img1.fits']] },
    { observatory: 'TMT', instrument: 'IRIS', parkey: [['META.INSTRUMENT.DETECTOR']] },
  );
  writeFileSync(path('iris.rmap'), iris);
});

const answers = (mapping: string, lines: readonly unknown[], env = {}) => {
  const input = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  const { status, stdout, complaints } = drs(['refs', 'match', path(mapping)], env, `${input}\n`);
  return {
    status,
    complaints,
    out: stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
};

describe('refs match', () => {
  it('answers each header with what the rules say, special values and errors as they are', () => {
    const on = { 'DATE-OBS': '2010-01-01' };
    const { status, out, complaints } = answers('a.rmap', [
      { DETECTOR: 'WFC', CCDGAIN: '1.0', ...on },
      { DETECTOR: ' wfc ', CCDGAIN: 2, ...on },
      { DETECTOR: 'HRC', CCDGAIN: '8.0', 'DATE-OBS': '2001-01-01' },
      { DETECTOR: 'SBC', CCDGAIN: '1', ...on },
      { DETECTOR: 'SBC', CCDGAIN: '2', ...on },
      { DETECTOR: 'SBC', CCDGAIN: '4', ...on },
      { DETECTOR: 'ACS', CCDGAIN: '1.0', ...on },
      { DETECTOR: 'WFC', ...on },
    ]);
    expect([status, complaints]).toEqual([0, []]);
    expect(out).toEqual([
      { ref: 'wfc.fits' },
      { ref: 'wfc.fits' },
      { error: 'MatchingError', message: 'No match found.' },
      { ref: 'N/A' },
      { ref: 'OMIT' },
      { ref: ['a.fits', 'b.fits'] },
      {
        error: 'ValidationError',
        message: "parameter='DETECTOR' value='ACS' is not in ['HRC', 'SBC', 'WFC']",
      },
      { error: 'MatchingError', message: 'No match found.' },
    ]);
  });

  it('gives a line for each line, and exit code 1 when one is no header', () => {
    const good = { DETECTOR: 'HRC', CCDGAIN: 1, 'DATE-OBS': '2010-01-01' };
    const { status, out } = answers('a.rmap', [
      good,
      '{"DETECTOR": ',
      '',
      '[1]',
      'null',
      { DETECTOR: { x: 1 } },
      '{"__proto__": {"DETECTOR": "HRC"}, "DETECTOR": "HRC", "CCDGAIN": null, "DATE-OBS": "2010-01-01"}',
      good,
    ]);
    expect(status).toBe(1);
    expect(out.map(({ ref, error }) => ref ?? error)).toEqual([
      'hrc.fits',
      ...Array(6).fill('HeaderError'),
      'hrc.fits',
    ]);
    expect(out[3].message).toBe('line 4 is no header: expected an object of keywords and values');
  });

  it('passes over a line that is longer than any header, and takes a last one without an end', () => {
    const good = '{"DETECTOR":"HRC","CCDGAIN":"1","DATE-OBS":"2010-01-01"}';
    const input = Buffer.concat([Buffer.alloc((1 << 24) + 10, 'x'), Buffer.from(`\n${good}`)]);
    const { status, stdout } = drs(['refs', 'match', path('a.rmap')], {}, input);
    expect([status, stdout]).toEqual([
      1,
      '{"error":"HeaderError","message":"line 1 is no header: the line is longer than any header"}\n' +
        '{"ref":"hrc.fits"}\n',
    ]);
  });

  it('answers by a mapping with a wrong sha1sum too, says so, and exits 1, unless sums are to be ignored', () => {
    const header = { DETECTOR: 'HRC', CCDGAIN: 1, 'DATE-OBS': '2010-01-01' };
    const { status, out, complaints } = answers('wrong.rmap', [header]);
    expect([status, out]).toEqual([1, [{ ref: 'other.fits' }]]);
    expect(complaints).toEqual([expect.stringMatching(/^drs: sha1sum mismatch in 'wrong\.rmap'/)]);
    const ignored = answers('wrong.rmap', [header], { CRDS_IGNORE_MAPPING_CHECKSUM: '1' });
    expect([ignored.status, ignored.complaints]).toEqual([0, []]);
  });

  it('takes FITS keywords for parameters and other spellings of detectors of IRIS', () => {
    expect(answers('iris.rmap', [{ DETECTOR: 'IMG1' }, { 'meta.instrument.detector': 'IRIS1' }]).out).toEqual(
      [{ ref: 'img1.fits' }, { ref: 'img1.fits' }],
    );
  });

  it.each([
    [['missing.rmap'], 1, 'not found'],
    [['code.rmap'], 1, 'line 1'],
    [['a.pmap'], 1, 'give an .rmap'],
    [[], 2, 'one mapping is needed'],
    [['a.rmap', 'b.rmap'], 2, 'one mapping is needed'],
  ])('refuses %j with exit code %i', (names, code, message) => {
    writeFileSync(path('code.rmap'), 'header = __import__("os").system("true")\n');
    const pmap = {
      derived_from: 'NONE',
      mapping: 'PIPELINE',
      name: 'a.pmap',
      observatory: 'HST',
      parkey: ['INSTRUME'],
    };
    writeFileSync(path('a.pmap'), formatMapping({ header: pmap, selector: {} }));
    const { status, stdout, complaints } = drs(['refs', 'match', ...names.map(path)], {}, '{}\n');
    expect([status, stdout]).toEqual([code, '']);
    expect(complaints[0]).toContain(message);
  });
});
