import { shown, TmtError } from '../errors.ts';
import { readEvent } from './envelope.ts';
import { keyTypeInfo } from './keytypes.ts';
import type { CoordMember, CswEvent, Parameter, ParameterValue } from './model.ts';

/**
 * Reads a CSW event from JSON text or from the object that JSON.parse made of it. Text keeps integers
 * beyond 2^53 exactly, which an object cannot.
 *
 * @throws TmtError
 */
export function decodeEventJson(json: string | object): CswEvent {
  return readEvent(typeof json === 'string' ? parseJson(json) : json);
}

/**
 * Writes an event as CSW's JSON, fields and parameters in their order.
 *
 * @throws TmtError NOT_ENCODABLE for NaN and infinities, which JSON does not have
 */
export function encodeEventJson(event: CswEvent): string {
  const head = [
    ['_type', event.type],
    ['eventId', event.eventId],
    ['source', event.source],
    ['eventName', event.eventName],
    ['eventTime', event.eventTime.iso],
  ].map(([name, text]) => `"${name}":${JSON.stringify(text)}`);
  return `{${head.join(',')},"paramSet":[${event.paramSet.map(parameterJson).join(',')}]}`;
}

/** JSON.parse with integers beyond 2^53 as bigints. @throws TmtError NOT_JSON */
export function parseJson(text: string): unknown {
  try {
    return /\d{16}/.test(text) ? JSON.parse(text, exactInteger as Reviver) : JSON.parse(text);
  } catch (cause) {
    throw new TmtError('NOT_JSON', `not JSON: ${shown(cause instanceof Error ? cause.message : cause)}`, {
      cause,
    });
  }
}

type Reviver = (this: unknown, key: string, value: unknown) => unknown;

/** The third argument holds the number's own text (TC39 "JSON.parse source text access"; Node 22 and later). */
const exactInteger = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' &&
  !Number.isSafeInteger(value) &&
  context?.source !== undefined &&
  /^-?\d{16,19}$/.test(context.source)
    ? BigInt(context.source)
    : value;

function parameterJson(parameter: Parameter): string {
  const { keyType, keyName, units, values } = parameter;
  const { element } = keyTypeInfo(keyType);
  const single = element === 'float';
  const body = values.map((value) => valueJson(value, single, keyName)).join(',');
  return `{"${keyType}":{"keyName":${JSON.stringify(keyName)},"values":[${body}],"units":${JSON.stringify(units)}}}`;
}

function valueJson(value: ParameterValue | CoordMember, single: boolean, keyName: string): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'bigint':
      return value.toString();
    case 'number':
      return numberJson(value, single, keyName);
    default: {
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map((item) => valueJson(item, single, keyName)).join(',')}]`;
      const members = value as { readonly [name: string]: CoordMember };
      if (typeof members.epochNs === 'bigint') return JSON.stringify(members.iso);
      return `{${Object.entries(members)
        .map(([name, member]) => `${JSON.stringify(name)}:${valueJson(member, single, keyName)}`)
        .join(',')}}`;
    }
  }
}

function numberJson(value: number, single: boolean, keyName: string): string {
  if (!Number.isFinite(value)) {
    throw new TmtError(
      'NOT_ENCODABLE',
      `${shown(keyName)} holds ${value}, which JSON cannot write; send the event as CBOR`,
      { field: keyName },
    );
  }
  if (Object.is(value, -0)) return '-0.0';
  return single ? shortestSingle(value) : String(value);
}

/** The shortest decimal that reads back as the same 32-bit float: 0.1, not 0.10000000149011612. */
function shortestSingle(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(9)));
}
