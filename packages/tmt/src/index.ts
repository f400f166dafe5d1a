export { factsOf } from './dialects/factsof.ts';
export { TmtError, type TmtErrorCode } from './errors.ts';
export { decodeEventCbor, encodeEventCbor } from './events/cbor.ts';
export { classify, type EventClass } from './events/classify.ts';
export { decodeEvent } from './events/decode.ts';
export { decodeEventJson, encodeEventJson } from './events/json.ts';
export type { KeyType } from './events/keytypes.ts';
export { type EventLine, parseEventLine } from './events/line.ts';
export { type CswEvent, eventKey, type Parameter, type ParameterValue } from './events/model.ts';
export {
  booleanParam,
  booleansParam,
  numberParam,
  numbersParam,
  parameter,
  secondsParam,
  stringParam,
} from './events/params.ts';
export { advance } from './exposures/advance.ts';
export {
  DETECTORS,
  type Detector,
  type DetectorName,
  detectorNamed,
  type InstrumentMode,
} from './exposures/detectors.ts';
export { expectedDetectors, isComplete } from './exposures/expected.ts';
export type { Exposure, ExposureFile, ExposureState } from './exposures/exposure.ts';
export {
  type ExposureId,
  type ExposureType,
  formatExposureId,
  normaliseExposureId,
  normaliseObsId,
  obsIdOf,
  parseExposureId,
  utDateOf,
  withDetector,
} from './exposures/exposureid.ts';
export type { ExposureFact, FactKind } from './exposures/facts.ts';
export { type FrameEvidence, type FrameIdentity, identify } from './exposures/identity.ts';
export { obsNamePart, ROLES, type Role, type RoleEvidence, roleOf } from './exposures/roles.ts';
export { type Instant, instantOf, parseInstant } from './instant.ts';
export { isTelemetryKey, SUBSCRIBED_EVENTS, type SubscribedEvent } from './telemetry/keys.ts';
export {
  remember,
  type TelemetryEvent,
  type TelemetrySnapshot,
  type TelemetryValue,
  telemetryEvent,
  telemetryValue,
} from './telemetry/snapshot.ts';
