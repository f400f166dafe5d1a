import { readFileSync } from 'node:fs';
import { status as Status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { BusError, faultOf, serviceErrorOf } from '../src/index.ts';

const thrownBy = (fn: () => unknown): unknown => {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

test('errors of our tables are permanent unless they say otherwise', () => {
  const coded = Object.assign(new Error('bad\n  card'), {
    code: 'FITS_CARD',
    file: 'a.fits',
    hdu: 2,
    keyword: 'NAXIS',
  });
  expect(faultOf(coded)).toEqual({
    code: 'FITS_CARD',
    message: 'bad card',
    retriable: false,
    input: 'a.fits',
    hdu: '2',
    keyword: 'NAXIS',
  });
  expect(faultOf(Object.assign(new Error('later'), { code: 'REFDB_DOWN', retriable: true })).retriable).toBe(
    true,
  );
  expect(faultOf(new BusError('VOLUME_OUTSIDE', '/etc', 'x'))).toMatchObject({
    retriable: false,
    input: '/etc',
  });
  expect(faultOf(new BusError('VOLUME_MISSING', 'a', 'x')).retriable).toBe(true);
});

test('I/O errors, absent services and what nobody foresaw are retriable', () => {
  expect(faultOf(thrownBy(() => readFileSync('/nowhere')))).toMatchObject({
    code: 'ENOENT',
    retriable: true,
    input: '/nowhere',
  });
  const unavailable = Object.assign(new Error('14 UNAVAILABLE: no'), {
    code: Status.UNAVAILABLE,
    details: 'no',
  });
  expect(faultOf(unavailable)).toMatchObject({ code: 'GRPC_UNAVAILABLE', message: 'no', retriable: true });
  const invalid = Object.assign(new Error('3 INVALID_ARGUMENT: x'), {
    code: Status.INVALID_ARGUMENT,
    details: 'x',
  });
  expect(faultOf(invalid)).toMatchObject({ code: 'GRPC_INVALID_ARGUMENT', retriable: false });
  expect(faultOf(thrownBy(() => (undefined as unknown as { a: object }).a))).toMatchObject({
    code: 'TypeError',
    retriable: true,
  });
  expect(faultOf('text')).toMatchObject({ code: 'UNKNOWN', message: 'text', retriable: true });
  expect(faultOf(undefined)).toMatchObject({ code: 'UNKNOWN', retriable: true });
});

test('gRPC statuses follow the table, with the code in the trailers', () => {
  const answer = serviceErrorOf(new BusError('VOLUME_OUTSIDE', '/etc', 'outside'));
  expect(answer).toMatchObject({ code: Status.PERMISSION_DENIED, details: 'outside' });
  expect(answer.metadata?.get('drs-code')).toEqual(['VOLUME_OUTSIDE']);
  expect(serviceErrorOf(new Error('?')).code).toBe(Status.UNAVAILABLE);
  expect(serviceErrorOf(Object.assign(new Error('?'), { code: 'FITS_CARD' })).code).toBe(
    Status.FAILED_PRECONDITION,
  );
});
