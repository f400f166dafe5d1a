import { openRamp } from '@iris-drs/datamodels';
import { Header } from '@iris-drs/fits';
import { describe, expect, it } from 'vitest';
import { openWorkbench } from '../../../test/fixtures/workbench.ts';
import { addTelemetry, settingsOf, type TelemetryKeyword } from '../src/telemetry.ts';
import { type RampInit, writeRamp } from './ramps.ts';

const bench = openWorkbench();
const keyword = (name: string, value: TelemetryKeyword['value']): TelemetryKeyword => ({
  name,
  value,
  comment: `from telemetry`,
});

let serial = 0;
/** Settings of a ramp of ten reads whose header says one thing and telemetry another. */
const settings = async (
  cards: NonNullable<RampInit['cards']>,
  telemetry: Readonly<Record<string, string | number>>,
) => {
  serial += 1;
  const times = [Array.from({ length: 10 }, (_, i) => i)];
  const ramp = await openRamp(writeRamp(bench, `ramp${serial}.fits`, { times, cards }));
  const header = ramp.header.clone();
  addTelemetry(
    { header, sciHeader: ramp.sciHeader.clone() },
    Object.entries(telemetry).map(([name, value]) => keyword(name, value)),
  );
  return settingsOf(ramp, header);
};

describe('settings of the detector', () => {
  it('come from the header of the reads before telemetry', async () => {
    const telemetry = { SAMPMODE: 'UTR', NUMREADS: 2, GAIN: 9, READNOIS: 99 };
    expect(await settings({ SAMPMODE: 'MDS', NUMREADS: 4, GAIN: 2, RDNOISE: 5 }, telemetry)).toEqual({
      sampling: { method: 'mcds', reads: 4 },
      gain: 2,
      readNoise: 5,
    });
  });

  it.each([
    ['CDS', { method: 'cds' }],
    ['MDS', { method: 'mcds', reads: 3 }],
    ['MCDS', { method: 'mcds', reads: 3 }],
    ['UTR', { method: 'utr' }],
  ])('come from telemetry where the header is silent: %s', async (mode, sampling) => {
    expect(await settings({}, { SAMPMODE: mode, NUMREADS: 3, GAIN: 2.5, READNOIS: 10 })).toEqual({
      sampling,
      gain: 2.5,
      readNoise: 10,
    });
  });

  it('take the number of reads from telemetry when the header names the method alone', async () => {
    expect(await settings({ SAMPMODE: 'MCDS' }, { SAMPMODE: 'UTR', NUMREADS: 5 })).toEqual({
      sampling: { method: 'mcds', reads: 5 },
    });
  });

  it('do not take all reads of a ramp for those averaged at its ends', async () => {
    expect(await settings({}, { SAMPMODE: 'MDS', NUMREADS: 10 })).toEqual({ sampling: { method: 'mcds' } });
  });

  it('are left open where nobody says anything that makes sense', async () => {
    expect(await settings({}, {})).toEqual({});
    expect(await settings({}, { SAMPMODE: 'STARE', GAIN: 0, READNOIS: -1 })).toEqual({});
  });
});

describe('telemetry in the headers of a frame', () => {
  it('fills in what the reads do not say, in whatever header they say it', () => {
    const header = Header.from([['FILTER', 'K']]);
    const sciHeader = Header.from([['SAMPMODE', 'CDS']]);
    addTelemetry({ header, sciHeader }, [
      keyword('FILTER', 'H'),
      keyword('SAMPMODE', 'UTR'),
      keyword('AIRMASS', 1.2),
    ]);
    expect(header.cards.map((card) => [card.keyword, card.value, card.comment])).toEqual([
      ['FILTER', 'K', ''],
      ['AIRMASS', 1.2, 'from telemetry'],
    ]);
    expect(sciHeader.keywords()).toEqual(['SAMPMODE']);
  });

  const COORDINATES = [keyword('CTYPE1', 'RA---TAN'), keyword('CRPIX1', 7), keyword('CD1_1', 1e-6)];

  it('puts world coordinates beside the pixels', () => {
    const [header, sciHeader] = [Header.from([]), Header.from([])];
    addTelemetry({ header, sciHeader }, [...COORDINATES, keyword('RADECSYS', 'FK5'), keyword('RA', 10)]);
    expect([header.keywords(), sciHeader.keywords()]).toEqual([
      ['RA'],
      ['CTYPE1', 'CRPIX1', 'CD1_1', 'RADECSYS'],
    ]);
  });

  it('does not mix its world coordinates with those of the reads', () => {
    const [header, sciHeader] = [Header.from([]), Header.from([['CTYPE1', 'RA---SIN']])];
    addTelemetry({ header, sciHeader }, COORDINATES);
    expect([header.keywords(), sciHeader.keywords()]).toEqual([[], ['CTYPE1']]);
  });
});
