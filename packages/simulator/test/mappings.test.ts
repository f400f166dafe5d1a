import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { contextMappings } from '../src/mappings.ts';

const file = (detector: string, type: string) => ({
  detector,
  file: `tmt_iris_${type}_${detector.toLowerCase()}_0001.fits`,
  filter: 'K',
  pupil: 'CLEAR',
});

const mappings = contextMappings(
  new Map([
    ['flat', [file('IMG1', 'flat'), file('IMG2', 'flat')]],
    ['mask', [file('IMG1', 'mask')]],
  ]),
  '2030-01-01 00:00:00',
);

describe('CRDS mappings', () => {
  it('are one context, one instrument and a mapping for each type', () => {
    expect(mappings.map(({ name }) => name)).toEqual([
      'tmt_0001.pmap',
      'tmt_iris_0001.imap',
      'tmt_iris_flat_0001.rmap',
      'tmt_iris_mask_0001.rmap',
    ]);
  });

  it('carry the SHA-1 of their lines without the checksum', () => {
    for (const { text } of mappings) {
      const lines = text.split(/(?<=\n)/).filter((line) => !line.includes('sha1sum'));
      const sum = createHash('sha1').update(lines.join('')).digest('hex');
      expect(text).toContain(`    'sha1sum' : '${sum}',\n`);
    }
  });

  it("are written as TMT's own", () => {
    expect(mappings[2]!.text.replace(/[0-9a-f]{40}/, '…')).toMatchInlineSnapshot(`
      "header = {
          'classes' : ('Match', 'UseAfter'),
          'derived_from' : 'NONE',
          'filekind' : 'FLAT',
          'instrument' : 'IRIS',
          'mapping' : 'REFERENCE',
          'name' : 'tmt_iris_flat_0001.rmap',
          'observatory' : 'TMT',
          'parkey' : (('META.INSTRUMENT.DETECTOR', 'META.INSTRUMENT.FILTER', 'META.INSTRUMENT.PUPIL'), ('META.OBSERVATION.DATE', 'META.OBSERVATION.TIME')),
          'sha1sum' : '…',
      }

      selector = Match({
          ('IMG1', 'K', 'CLEAR') : UseAfter({
              '2030-01-01 00:00:00' : 'tmt_iris_flat_img1_0001.fits',
          }),
          ('IMG2', 'K', 'CLEAR') : UseAfter({
              '2030-01-01 00:00:00' : 'tmt_iris_flat_img2_0001.fits',
          }),
      })
      "
    `);
    expect(mappings[3]!.text.replace(/[0-9a-f]{40}/, '…')).toMatchInlineSnapshot(`
      "header = {
          'classes' : ('Match', 'UseAfter'),
          'derived_from' : 'NONE',
          'filekind' : 'MASK',
          'instrument' : 'IRIS',
          'mapping' : 'REFERENCE',
          'name' : 'tmt_iris_mask_0001.rmap',
          'observatory' : 'TMT',
          'parkey' : (('META.INSTRUMENT.DETECTOR', 'META.SUBARRAY.NAME'), ('META.OBSERVATION.DATE', 'META.OBSERVATION.TIME')),
          'sha1sum' : '…',
          'substitutions' : {
              'META.SUBARRAY.NAME' : {
                  'GENERIC' : 'N/A',
              },
          },
      }

      selector = Match({
          ('IMG1', 'GENERIC') : UseAfter({
              '2030-01-01 00:00:00' : 'tmt_iris_mask_img1_0001.fits',
          }),
      })
      "
    `);
  });
});
