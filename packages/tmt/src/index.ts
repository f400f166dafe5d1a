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
  stringParam,
} from './events/params.ts';
export { type Instant, instantOf, parseInstant } from './instant.ts';
