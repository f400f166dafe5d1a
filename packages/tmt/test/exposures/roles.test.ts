import { obsNamePart, ROLES, remember, roleOf } from '@iris-drs/tmt';
import { expect, test } from 'vitest';
import { event, flags } from '../build.ts';

const dither = (isSky: boolean) =>
  remember({}, event('ESW.TopLevelSequencer', 'DitherPosition', [flags('currentPositionIsSky', isSky)]));
const withType = (type: string): string => `2031A-001-123-IRIS-IMG-${type}0-0001`;

test.each([
  ['IMG1-NFF', 'flat'],
  ['SLI-NFF', 'flat'],
  ['LEN-SPX', 'lenslet-scan'],
  ['IMG3-DRK', 'dark'],
  ['SLI-TEL', 'telluric'],
  ['LEN-IDP', 'dispersion'],
  ['IMG4-SCI', 'science'],
  ['LEN-SKY', 'sky'],
  ['SLI-ARC', 'arc'],
  ['IMG2-PIN', 'pinhole'],
  ['IMG2-FLX', 'flux-standard'],
  ['img2-psf ', 'psf-star'],
  ['LEN-LSC', 'lenslet-scan'],
  ['SLI-FIB', 'fibre'],
])('OBSNAME %s is %s, whatever else says', (obsName, role) => {
  expect(roleOf({ obsName, obsType: 'SCI', exposureId: withType('BIA'), telemetry: dither(true) })).toBe(
    role,
  );
});

test('OBSTYPE decides the class, the type of the id refines it', () => {
  expect(roleOf({ obsType: 'CAL', exposureId: withType('ARC') })).toBe('arc');
  expect(roleOf({ obsType: 'CAL', exposureId: withType('SCI') })).toBe('calibration');
  expect(roleOf({ obsType: 'SCI', exposureId: withType('SKY') })).toBe('sky');
  expect(roleOf({ obsType: 'SCI', exposureId: withType('DRK') })).toBe('science');
  expect(roleOf({ obsType: 'ENG', exposureId: withType('DRK') })).toBe('engineering');
  expect(roleOf({ obsType: 'XYZ', obsName: 'toString', exposureId: withType('DRK') })).toBe('dark');
});

test.each([
  ['SCI', 'science'],
  ['SKY', 'sky'],
  ['DRK', 'dark'],
  ['MDK', 'dark'],
  ['FFD', 'flat'],
  ['NFF', 'flat'],
  ['BIA', 'bias'],
  ['ARC', 'arc'],
  ['TEL', 'telluric'],
  ['FLX', 'flux-standard'],
  ['IDP', 'dispersion'],
  ['CAL', 'calibration'],
])('without a header, type %s is %s before telemetry is asked', (type, role) => {
  expect(roleOf({ exposureId: withType(type), telemetry: dither(true) })).toBe(role);
});

test('the type of a composed id says nothing: telemetry tells sky from object', () => {
  const composed = { exposureId: withType('SCI'), composedId: true };
  expect(roleOf({ ...composed, telemetry: dither(true) })).toBe('sky');
  expect(roleOf({ ...composed, obsType: 'SCI', telemetry: dither(true) })).toBe('sky');
  expect(roleOf({ ...composed, telemetry: dither(false) })).toBe('science');
  expect(roleOf(composed)).toBe('science');
  expect(roleOf({})).toBe('science');
});

test('a role is told by an OBSNAME of its own, where it has one', () => {
  const told = ROLES.filter((role) => obsNamePart(role) !== undefined);
  for (const role of told) expect(roleOf({ obsName: `IMG1-${obsNamePart(role)}` })).toBe(role);
  expect(ROLES.filter((role) => !told.includes(role))).toEqual(['calibration', 'engineering']);
});
