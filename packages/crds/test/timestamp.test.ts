import { describe, expect, it } from 'vitest';
import { reformatDate, secondsBetween } from '../src/timestamp.ts';

describe('dates that CRDS reads', () => {
  it.each([
    ['2004-07-02 08:09:00', '2004-07-02 08:09:00'],
    ['2004-07-02', '2004-07-02 00:00:00'],
    ['2004/07/02 08:09', '2004-07-02 08:09:00'],
    ['2004-07-02T08:09:00.25', '2004-07-02 08:09:00.250000'],
    // CRDS cuts the binary fraction off at the microsecond.
    ['2004-07-02 23:59:59.9', '2004-07-02 23:59:59.899999'],
    ['12/21/1999 05:42:35', '1999-12-21 05:42:35'],
    ['21/12/99 05:42:00 PM', '1999-12-21 17:42:00'],
    ['21/12/15 05:42:00', '2015-12-21 05:42:00'],
    ['19970114:053714', '1997-01-14 05:37:14'],
    ['Dec 01 1993 00:00:00 UT', '1993-12-01 00:00:00'],
    ['Feb 08 2006 01:02AM', '2006-02-08 01:02:00'],
    ['Mar 21 2001 12:00:00 am', '2001-03-21 00:00:00'],
    ['July 27, 1999 00:00:00', '1999-07-27 00:00:00'],
    ['03-Jan-2013', '2013-01-03 00:00:00'],
    ['2024-02-29 00:00:00', '2024-02-29 00:00:00'],
  ])('%s is %s', (text, formatted) => {
    expect(reformatDate(text)).toBe(formatted);
  });

  it.each([
    ['2003-09-52 01:28:00', 'day is out of range for month'],
    ['2023-02-29', 'day is out of range for month'],
    ['2003-13-01', 'month must be in 1..12'],
    ['2003-01-01 24:00:00', 'hour must be in 0..23'],
    ['2003/12/20 01:28:00QM', "could not convert string to float: '00QM'"],
    ['2003/12/2 01:28:00', "Unknown numerical date format: '2003/12/2 01:28:00'"],
    ['2008-10-15T08:44:44.619 UNDEFINED', 'One or more required date/time values is UNDEFINED'],
    ['', 'list index out of range'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => reformatDate(text)).toThrow(message);
  });

  it('counts seconds between two of them', () => {
    expect(secondsBetween('2024-02-28 23:59:59.5', '2024-03-01 00:00:00')).toBe(86_400.5);
  });
});
