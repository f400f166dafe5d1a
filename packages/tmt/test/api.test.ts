import * as api from '@iris-drs/tmt';
import { expect, test } from 'vitest';

test('the public names are these', () => {
  expect(Object.keys(api).sort()).toMatchInlineSnapshot(`
    [
      "DETECTORS",
      "ROLES",
      "SUBSCRIBED_EVENTS",
      "TmtError",
      "advance",
      "booleanParam",
      "booleansParam",
      "classify",
      "decodeEvent",
      "decodeEventCbor",
      "decodeEventJson",
      "detectorNamed",
      "encodeEventCbor",
      "encodeEventJson",
      "eventKey",
      "expectedDetectors",
      "factsOf",
      "formatExposureId",
      "identify",
      "instantOf",
      "isComplete",
      "isTelemetryKey",
      "normaliseExposureId",
      "normaliseObsId",
      "numberParam",
      "numbersParam",
      "obsIdOf",
      "parameter",
      "parseEventLine",
      "parseExposureId",
      "parseInstant",
      "remember",
      "roleOf",
      "secondsParam",
      "stringParam",
      "telemetryEvent",
      "telemetryValue",
      "utDateOf",
      "withDetector",
    ]
  `);
});
