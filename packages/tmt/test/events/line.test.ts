import { encodeEventJson, parseEventLine } from '@iris-drs/tmt';
import { expect, test } from 'vitest';
import { event, text } from '../build.ts';

const start = event('IRIS.imager.detector', 'ObserveEvent.ExposureStart', [
  text('exposureId', 'a "b" {[,]} \\'),
]);
const json = encodeEventJson(start);

test('a bare event', () => {
  expect(parseEventLine(`  ${json}\r\n`)).toEqual({
    key: 'IRIS.imager.detector.ObserveEvent.ExposureStart',
    event: start,
    body: json,
  });
});

test.each([
  ['key first', `{"key": "K", "event": ${json}}`],
  ['event first', `{"event":${json},"key":"K"}`],
  [
    'among others, with the name inside values',
    `{"x":["event",{"event":1}],"ev\\u0065nt" : ${json} , "y":{"event":2}}`,
  ],
])('an event with its key, %s: the body is the event, character for character', (_, line) => {
  const read = parseEventLine(line);
  expect(read.body).toBe(json);
  expect(read.event).toEqual(start);
});

test('the body keeps what the model has no place for', () => {
  const body = json.replace('{', '{ "extra" : 1.0e0, ');
  expect(parseEventLine(`{"event":${body}}`).body).toBe(body);
});

test.each([
  ['', 'NOT_JSON'],
  ['# remark', 'NOT_JSON'],
  ['7', 'BAD_LINE'],
  ['{"key":"K"}', 'BAD_LINE'],
  ['{"event":"text"}', 'NOT_AN_EVENT'],
])('%j is refused with %s', (line, code) => {
  expect(() => parseEventLine(line)).toThrow(expect.objectContaining({ code }));
});
