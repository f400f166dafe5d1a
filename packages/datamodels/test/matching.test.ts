import { Header } from '@iris-drs/fits';
import { expect, it } from 'vitest';
import { matchKeywords } from '../src/index.ts';

it('what frames are put together by comes from the primary header, then from that of SCI', () => {
  const primary = Header.from([
    ['FILTER', ' Kbb '],
    ['SCALE', 0.004],
    ['DATE-OBS', '2031-03-14'],
    ['TIME-OBS', '09:26:53.5'],
  ]);
  const sci = Header.from([
    ['FILTER', 'H'],
    ['EXPTIME', 20],
  ]);
  expect(matchKeywords([primary, sci])).toEqual({
    filter: 'Kbb',
    scale: '0.004',
    exposureTimeSeconds: 20,
    exposureStart: new Date('2031-03-14T09:26:53.500Z'),
  });
});

it.each([
  [[['DATE-OBS', '2031-03-14T09:26:53']], '2031-03-14T09:26:53.000Z'],
  [[['DATE-BEG', '2031-03-14T09:26:53Z']], '2031-03-14T09:26:53.000Z'],
  [[['DATE-OBS', '2031-03-14']], '2031-03-14T00:00:00.000Z'],
  [[['DATE-OBS', 'yesterday']], undefined],
  [[], undefined],
] as const)('the start of an exposure by %j is %s', (entries, start) => {
  const { exposureStart, ...others } = matchKeywords([Header.from(entries)]);
  expect(exposureStart?.toISOString()).toBe(start);
  expect(others).toEqual({ filter: '', scale: '', exposureTimeSeconds: 0 });
});
