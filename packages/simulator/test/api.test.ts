import { expect, it } from 'vitest';
import * as simulator from '../src/index.ts';

it('exports these names and no others', () => {
  expect(Object.keys(simulator).sort()).toMatchInlineSnapshot(`
    [
      "SimulatorError",
      "checkFrame",
      "defaultDetector",
      "gaussianPsf",
      "perfectCalibration",
      "pixelTruth",
      "planObservation",
      "seeingSeries",
      "simulateObservation",
      "simulateRamp",
      "soakEvents",
      "soakReferences",
      "soakWriter",
      "trueHits",
      "trueOutputOffsets",
      "truthOf",
      "writeRamp",
    ]
  `);
});
