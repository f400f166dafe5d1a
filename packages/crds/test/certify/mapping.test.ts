import { describe, expect, it } from 'vitest';
import { certifyMapping, formatMapping, type MappingValue } from '../../src/index.ts';
import { DATE, DETECTOR, match, rmapText, useAfter } from '../rmap.ts';
import { reader, TMT } from '../tmt.ts';

const FILE = 'tmt_iris_flat_0001.rmap';
const dates = useAfter({ '2020-01-01 00:00:00': 'flat_1.fits' });
const good = rmapText([DETECTOR, DATE], match([['IMG1', dates]]));

const faults = (text: string, file = FILE): string[] =>
  certifyMapping(text, file).map(
    ({ severity, message, line }) => `${severity}${line === undefined ? '' : ` line ${line}`}: ${message}`,
  );

const imap = (selector: Record<string, string>, header: Record<string, MappingValue> = {}): string =>
  formatMapping({
    header: {
      derived_from: 'NONE',
      instrument: 'IRIS',
      mapping: 'INSTRUMENT',
      name: 'tmt_iris_0001.imap',
      observatory: 'TMT',
      parkey: ['REFTYPE'],
      ...header,
    },
    selector,
  });

describe('a mapping is certified', () => {
  it('without fault when nothing is wrong with it and what lies below', () => {
    expect(faults(good)).toEqual([]);
    expect(certifyMapping(TMT['tmt_0001.pmap']!, 'tmt_0001.pmap', reader(TMT))).toEqual([]);
  });

  it('by its checksum, name and header', () => {
    expect(faults(good.replace(/'sha1sum' : '.*'/, "'sha1sum' : 'beef'"))).toEqual([
      expect.stringMatching(/^error: sha1sum mismatch in .*: the header says beef, the text has \w{40}\./),
    ]);
    expect(faults(good, 'tmt_iris_flat_0007.rmap')).toEqual([
      'warning: the header gives its name as tmt_iris_flat_0001.rmap',
    ]);
    expect(faults(good, 'tmt_iris_flat_0001.imap')[0]).toMatch(/its header says mapping 'reference'/);
    expect(faults(good.replace(/ {4}'observatory'.*\n/, ''))[0]).toMatch(/key 'observatory' is missing/);
    expect(faults(rmapText([DETECTOR, DATE], match([['IMG1', dates]]), { instrument: 'NIRC2' }))).toEqual([
      "error: unknown instrument 'nirc2'; TMT has iris, modhis, wfos",
    ]);
    expect(faults(rmapText([DETECTOR, DATE], match([['IMG1', dates]]), { filekind: 'FLATT' }))).toEqual([
      "warning: unknown reference type 'flatt'",
    ]);
  });

  it('by its grammar: code is no mapping, and the line is told', () => {
    expect(faults(`${good}\nimport os\nos.system('true')\n`)[0]).toMatch(
      /^error line \d+: .*only header, selector/,
    );
    expect(faults(good.replace("'flat_1.fits'", "open('/etc/passwd')"))[0]).toMatch(/'open' is no selector/);
    expect(faults(good.replace("'IMG1'", '__import__'))[0]).toMatch(/means nothing in a mapping/);
    expect(faults('header = {')[0]).toMatch(/^error line 1: /);
    expect(faults('\ufffd\ufffd')[0]).toBe('error: the file is not UTF-8');
  });

  it('by its rules: keys, dates, repetitions, patterns, names of files', () => {
    const rules = (...entries: Parameters<typeof match>[0]) =>
      faults(rmapText([[...DETECTOR, 'META.INSTRUMENT.FILTER'], DATE], match(entries)));
    expect(rules([['IMG1'], dates])[0]).toMatch(/wrong length for parameters/);
    expect(rules([['IMG1', 'K'], useAfter({ '2020-13-01 00:00:00': 'a.fits' })])[0]).toMatch(
      /UseAfter key '2020-13-01 00:00:00' is no date/,
    );
    expect(rules([['IMG1', 'K'], useAfter({ 'Jan 01 2020 00:00:00': 'a.fits' })])[0]).toMatch(
      /is written 2020-01-01 00:00:00 by CRDS and would be compared wrongly/,
    );
    expect(
      rules([['IMG1', 'K'], useAfter({ '2020-01-01 00:00:00': 'a.fits', '2021-01-01 00:00:00': 'a.fits' })]),
    ).toEqual(['warning line 13: one rule names a.fits for several dates; the first alone would do']);
    expect(rules([['IMG1', '((?=x)a)'], dates])[0]).toMatch(/^error: /);
    expect(rules([['IMG1', 'K'], useAfter({ '2020-01-01 00:00:00': '../../etc/passwd' })])[0]).toMatch(
      /is no file name of a CRDS cache/,
    );
    expect(rules([['IMG1', 'K|H'], dates], [['IMG1', 'H'], dates])).toEqual([
      "warning: rule ('IMG1', 'H') is a special case of ('IMG1', 'H|K') and counts as much: both answer, and are merged",
    ]);
    expect(rules()).toEqual(['warning: no rule names a file']);
    const twice = good.replace("    'IMG1' :", "    'IMG1' : 'N/A',\n    'IMG1' :");
    expect(faults(twice)[0]).toMatch(
      /^error line \d+: key 'IMG1' stands twice in one dictionary; the first is lost/,
    );
  });

  it('by its header expressions and hooks', () => {
    const header = (more: Record<string, MappingValue>) =>
      faults(rmapText([DETECTOR, DATE], match([['IMG1', dates]]), more));
    expect(header({ rmap_relevance: "(__import__('os'))" })[0]).toMatch(
      /does not belong into the expression/,
    );
    expect(header({ hooks: { precondition_header: 'precondition_v1' } })[0]).toMatch(
      /^warning: hooks precondition_header/,
    );
    expect(header({ reference_to_dataset: { P_LAMP: 'META.LAMP' } })).toEqual([
      'error: reference_to_dataset turns P_LAMP into META.LAMP, which is no parameter of parkey',
    ]);
  });
});

describe('what a context names is certified with it', () => {
  const below = (selector: Record<string, string>, files: Record<string, string> = {}): string[] =>
    certifyMapping(imap(selector), 'tmt_iris_0001.imap', reader(files)).map(
      ({ file, message }) => `${file}: ${message}`,
    );

  it('missing, of another kind, for another type or instrument', () => {
    expect(below({ FLAT: 'lost.rmap' })).toEqual(['tmt_iris_0001.imap: flat names lost.rmap: no lost.rmap']);
    expect(below({ FLAT: 'tmt_0001.pmap' })).toEqual([
      'tmt_iris_0001.imap: flat names tmt_0001.pmap; an .imap names .rmap files',
    ]);
    expect(below({ DARK: FILE }, { [FILE]: good })).toEqual([
      `tmt_iris_0001.imap: dark names ${FILE}, which is for the type 'flat'; expected 'dark'`,
    ]);
    expect(below({ FLAT: '../flat.rmap' })[0]).toMatch(/is no file name of a CRDS cache/);
    expect(below({ FLAT: 'N/A', DARK: 'OMIT' })).toEqual([]);
  });

  it('and leads nowhere in circles: every file names only files of the kind below', () => {
    const files: Record<string, string> = {};
    const pmap = formatMapping({
      header: {
        derived_from: 'NONE',
        observatory: 'TMT',
        name: 'a.pmap',
        mapping: 'PIPELINE',
        parkey: ['X'],
      },
      selector: { IRIS: 'a.pmap' },
    });
    files['a.pmap'] = pmap;
    const [finding] = certifyMapping(pmap, 'a.pmap', reader(files));
    expect(finding?.message).toBe('iris names a.pmap; a .pmap names .imap files');
  });

  it('passes on what reading throws beyond CRDS errors', () => {
    const broken = () => {
      throw new Error('disk on fire');
    };
    expect(() => certifyMapping(imap({ FLAT: FILE }), 'tmt_iris_0001.imap', broken)).toThrow('disk on fire');
  });
});
