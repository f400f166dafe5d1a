import { expect, test } from 'vitest';
import {
  BUCKET,
  failureSubject,
  observeSubject,
  productSubject,
  readSubject,
  STREAM,
  statusEventSubject,
  subjectToken,
  taskConsumer,
  taskSubject,
} from '../src/index.ts';

test('tokens hold nothing that NATS gives a meaning to', () => {
  expect(subjectToken('2031A-001-123-IRIS-IMG1-SCI0-0001')).toBe('2031A-001-123-IRIS-IMG1-SCI0-0001');
  expect(subjectToken('a.b c*d>e\tf')).toBe('a_b_c_d_e_f');
  expect(subjectToken('')).toBe('_');
  expect(subjectToken('été')).toBe('_t_');
});

test('a TMT event goes below its subsystem and name, with the parts of its component', () => {
  expect(observeSubject('IRIS.imager.detector', 'ObserveEvent.ExposureStart')).toBe(
    'tmt.obs.IRIS.ExposureStart.imager.detector',
  );
  expect(observeSubject('TCS.PointingKernelAssembly', 'TelescopePosition')).toBe(
    'tmt.obs.TCS.TelescopePosition.PointingKernelAssembly',
  );
  expect(observeSubject('ESW', 'ObserveEvent.ObservationStart')).toBe('tmt.obs.ESW.ObservationStart');
});

test('our own subjects are built from their parts', () => {
  expect(taskSubject('calib', 'imager', 'IMG1', 'E.1')).toBe('drs.task.calib.imager.IMG1.E_1');
  expect(productSubject('l2a', 'imager', 'IMG1', 'E1', 2)).toBe('drs.product.l2a.imager.IMG1.E1.2');
  expect(failureSubject('readout', '')).toBe('drs.failure.readout.unknown');
  expect(readSubject('E1', 'IMG1')).toBe('drs.read.E1.IMG1');
  expect(statusEventSubject('drs.state')).toBe('tmt.drs.drs_state');
  expect(taskConsumer('imager', 'slicer')).toBe('imager-slicer');
});

test('the names of streams and buckets stay what deployments know', () => {
  expect(Object.values(STREAM)).toEqual([
    'OBSERVE',
    'TASKS',
    'PRODUCTS',
    'FAILURES',
    'READS',
    'STATUS',
    'ADVISORIES',
    'DEAD',
  ]);
  expect(Object.values(BUCKET)).toEqual(['exposures', 'telemetry', 'leases']);
});
