import type { CswEvent } from '../events/model.ts';
import { booleanParam, numberParam, stringParam } from '../events/params.ts';
import type { Phase } from '../exposures/facts.ts';
import type { Reading, Wording } from './wording.ts';

/**
 * Events of the sequencers and of IRIS.is, by name in lower case without `ObserveEvent.`. Sequencers publish
 * under the name of the observing mode, so the source is no help; the events of IRIS.is are known by the
 * instruments they name.
 */
export const SEQUENCE_WORDING: Wording = {
  observationstart: () => ({ kind: 'observation-start' }),
  observationend: () => ({ kind: 'observation-end' }),
  observestart: () => ({ kind: 'observe-start' }),
  observeend: () => ({ kind: 'observe-end' }),
  observepaused: () => ({ kind: 'observe-paused' }),
  observeresumed: () => ({ kind: 'observe-resumed' }),
  downtimestart,
  presetstart: acquisition('preset', 'start'),
  presetend: acquisition('preset', 'end'),
  guidestaracqstart: acquisition('guide-star', 'start'),
  guidestaracqend: acquisition('guide-star', 'end'),
  scitargetacqstart: acquisition('science-target', 'start'),
  scitargetacqend: acquisition('science-target', 'end'),
  inputrequeststart: () => ({ kind: 'input-request', phase: 'start' }),
  inputrequestend: () => ({ kind: 'input-request', phase: 'end' }),
  offsetstart: offset('start'),
  offsetend: offset('end'),

  startprepare: instruments('prepare', 'start', 'StartPrepare'),
  startdataacquisition: instruments('acquisition', 'start', 'StartDataAcquisition'),
  enddataacquisition: instruments('acquisition', 'end', 'EndDataAcquisition'),
  startreadout: instruments('readout', 'start', 'StartReadout'),
  endreadout: instruments('readout', 'end', 'EndReadout'),
  // The ICD gives both write events the parameter names of endReadout.
  startdatasetwrite: instruments('write', 'start', 'EndReadout', 'StartDatasetWrite'),
  enddatasetwrite: instruments('write', 'end', 'EndReadout', 'EndDatasetWrite'),
  observecomplete: instruments('observe', 'end', 'ObserveComplete'),
  aborting: instruments('abort', 'start', ''),
};

function downtimestart(event: CswEvent): Reading {
  // `reasonForDowntime` in the ESW model, `reason` in CSW.
  const reason = stringParam(event, 'reason') ?? stringParam(event, 'reasonForDowntime');
  return { kind: 'downtime-start', ...(reason === undefined ? {} : { reason }) };
}

function acquisition(step: 'preset' | 'guide-star' | 'science-target', phase: Phase) {
  return (): Reading => ({ kind: 'acquisition', step, phase });
}

function offset(phase: Phase) {
  return (event: CswEvent): Reading => {
    const coordinateSystem = stringParam(event, 'coordinateSystem');
    const pArcsec = numberParam(event, 'p');
    const qArcsec = numberParam(event, 'q');
    return {
      kind: 'offset',
      phase,
      ...(coordinateSystem === undefined ? {} : { coordinateSystem }),
      ...(pArcsec === undefined ? {} : { pArcsec }),
      ...(qArcsec === undefined ? {} : { qArcsec }),
    };
  };
}

function instruments(
  step: 'prepare' | 'acquisition' | 'readout' | 'write' | 'observe' | 'abort',
  phase: Phase,
  ...suffixes: readonly string[]
) {
  return (event: CswEvent): Reading | undefined => {
    const flag = (name: 'imager' | 'ifs'): boolean | undefined =>
      suffixes.map((suffix) => booleanParam(event, `${name}${suffix}`)).find((value) => value !== undefined);
    if (flag('imager') === undefined && flag('ifs') === undefined) return undefined;
    const named = (['imager', 'ifs'] as const).filter((name) => flag(name) === true);
    return { kind: 'instrument-phase', step, phase, instruments: named };
  };
}
