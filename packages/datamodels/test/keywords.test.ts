import { Header } from '@iris-drs/fits';
import { describe, expect, it } from 'vitest';
import { KEYWORDS, keywordsFromTelemetry, TELEMETRY_EVENTS } from '../src/index.ts';

const time = '2031-03-14T09:24:53Z';
const snapshot = (values: Record<string, unknown>) => (event: string, param: string) => {
  const value = values[`${event}/${param}`];
  return value === undefined ? undefined : { value, time };
};
const values = {
  'TCS.cmIRIS.positionAngle/positionAngle': [12.5],
  'TCS.cmIRIS.odgwPosDemands/odgw_pos': [
    [1, 2],
    [3.5, -4.25],
    [0, 0],
    [5, 6],
  ],
  'IRIS.imager.filter.current/name': ['Ks'],
  'IRIS.imager.filter.current/dark': [false],
  'IRIS.imager.detector.systemConf/gain': [2.1, 2.2, 2.3, 2.4],
  'IRIS.ifs.detector.systemConf/gain': [3.04],
  'IRIS.imager.detector.currentConfig/totalTime': [30],
  'ESW.TopLevelSequencer.Object/name': ['Café 1'],
  'NFIRAOS.rtc.turbLgs/r0': [Number.NaN],
};
const named = (detector: string) =>
  Object.fromEntries(
    keywordsFromTelemetry(snapshot(values), detector).keywords.map((k) => [k.name, k.value]),
  );

describe('the keyword table', () => {
  it('holds each keyword once, with a comment that fits and a source', () => {
    expect(new Set(KEYWORDS.map((rule) => rule.name)).size).toBe(KEYWORDS.length);
    for (const rule of KEYWORDS) {
      expect(rule.name).toMatch(/^[A-Z0-9_-]{1,8}$/);
      expect(rule.comment.length, rule.name).toBeGreaterThan(0);
      expect(rule.comment.length, rule.name).toBeLessThanOrEqual(40);
      expect(rule.from === 'telemetry', rule.name).toBe(rule.sources !== undefined);
    }
  });

  it('makes valid cards', () => {
    const header = Header.from(
      KEYWORDS.map((rule) => [rule.name, rule.type === 'string' ? 'x' : 1, rule.comment] as const),
    );
    expect(header.keywords()).toEqual(KEYWORDS.map((rule) => rule.name));
  });

  it('covers what stages and users look for', () => {
    const names = new Set(KEYWORDS.map((rule) => rule.name));
    for (const name of [
      'FILTER',
      'EXPTIME',
      'OBS_ID',
      'RA',
      'DEC',
      'AIRMASS',
      'PA',
      'S_DARK',
      'R_FLAT',
      'SUBSTRT1',
      'XSTART',
      'READTIME',
      'SEMID',
      'IFSMODE',
      'GAIN',
      'CRDS_CTX',
    ]) {
      expect(names, name).toContain(name);
    }
    expect(TELEMETRY_EVENTS).toContain('TCS.cmIRIS.positionAngle');
  });
});

describe('a telemetry snapshot', () => {
  it('gives keywords with their source and time', () => {
    const { keywords, missing } = keywordsFromTelemetry(snapshot(values), 'IMG2');
    expect(keywords.find((keyword) => keyword.name === 'GAIN')).toMatchInlineSnapshot(`
      {
        "comment": "gain, electrons per DN",
        "name": "GAIN",
        "source": "IRIS.imager.detector.systemConf/gain[1]",
        "time": "2031-03-14T09:24:53Z",
        "value": 2.2,
      }
    `);
    expect(named('IMG2')).toEqual({
      PA: 12.5,
      ODGW1PS: '1 2',
      ODGW2PS: '3.5 -4.25',
      ODGW3PS: '0 0',
      ODGW4PS: '5 6',
      FILTER: 'Ks',
      FILTDRFL: false,
      GAIN: 2.2,
      EXPTIME: 30,
      OBJECT: 'Cafe 1',
    });
    expect(missing).toContain('LGSR0');
    expect(missing).toContain('AIRMASS');
    expect(keywords.length + missing.length).toBeLessThanOrEqual(KEYWORDS.length);
  });

  it('picks the element of the detector, and the channel of the IFS', () => {
    expect(named('IMG4')).toMatchObject({ GAIN: 2.4 });
    expect(named('IFS')).toMatchObject({ GAIN: 3.04 });
    expect(named('IFS')).not.toHaveProperty('EXPTIME');
  });

  it('silent altogether: everything is missing, nothing invented', () => {
    const { keywords, missing } = keywordsFromTelemetry(() => undefined);
    expect(keywords).toEqual([]);
    expect(missing.length).toBeGreaterThan(100);
  });
});
