import { decode } from 'cborg';
import { shown, TmtError } from '../errors.ts';
import { type Instant, secondsAndNanos } from '../instant.ts';
import { CborWriter } from './cborwriter.ts';
import { readEvent } from './envelope.ts';
import { type ElementType, FLOATING_COORD_MEMBERS, keyTypeInfo } from './keytypes.ts';
import type { Coord, CoordMember, CswEvent, Parameter, ParameterValue } from './model.ts';

/**
 * Reads a CSW event from CBOR, with lengths definite or open and floats of any width.
 *
 * @throws TmtError
 */
export function decodeEventCbor(bytes: Uint8Array): CswEvent {
  return readEvent(parseCbor(bytes));
}

/** Writes an event as CSW's publisher does, byte for byte; parameters in their order. @throws TmtError */
export function encodeEventCbor(event: CswEvent): Uint8Array {
  const writer = new CborWriter();
  writer.map(6);
  for (const [name, text] of [
    ['_type', event.type],
    ['eventId', event.eventId],
    ['source', event.source],
    ['eventName', event.eventName],
  ] as const) {
    writer.text(name);
    writer.text(text);
  }
  writer.text('eventTime');
  writeInstant(writer, event.eventTime);
  writer.text('paramSet');
  if (event.paramSet.length === 0) {
    writer.array(0);
  } else {
    writer.openArray();
    for (const parameter of event.paramSet) writeParameter(writer, parameter);
    writer.close();
  }
  return writer.finish();
}

function parseCbor(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, { tags: { 55799: (content) => content() } });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new TmtError('NOT_CBOR', `${bytes.length} bytes are not CBOR: ${shown(reason)}`, { cause });
  }
}

function writeParameter(writer: CborWriter, { keyType, keyName, units, values }: Parameter): void {
  const { element, rank } = keyTypeInfo(keyType);
  writer.map(1);
  writer.text(keyType);
  writer.map(3);
  writer.text('keyName');
  writer.text(keyName);
  writer.text('values');
  writeNested(writer, element, rank + 1, values as Nested);
  writer.text('units');
  writer.text(units);
}

type Nested = readonly (ParameterValue | Nested)[];

function writeNested(writer: CborWriter, element: ElementType, depth: number, values: Nested): void {
  if (depth === 1 && element === 'byte') {
    writer.byteString(Uint8Array.from(values as readonly number[]));
    return;
  }
  writer.array(values.length);
  for (const value of values) {
    if (depth > 1) writeNested(writer, element, depth - 1, value as Nested);
    else writeScalar(writer, element, value as ParameterValue);
  }
}

function writeScalar(writer: CborWriter, element: ElementType, value: ParameterValue): void {
  switch (element) {
    case 'text':
    case 'char':
      writer.text(value as string);
      break;
    case 'boolean':
      writer.boolean(value as boolean);
      break;
    case 'time':
      writeInstant(writer, value as Instant);
      break;
    case 'coord':
      writeMember(writer, '', value as Coord);
      break;
    case 'float':
    case 'double':
      writer.float(value as number);
      break;
    default:
      writer.integer(value as number | bigint);
  }
}

function writeInstant(writer: CborWriter, instant: Instant): void {
  const { seconds, nanos } = secondsAndNanos(instant);
  writer.map(2);
  writer.text('seconds');
  writer.integer(seconds);
  writer.text('nanos');
  writer.integer(nanos);
}

function writeMember(writer: CborWriter, name: string, value: CoordMember): void {
  switch (typeof value) {
    case 'string':
      writer.text(value);
      break;
    case 'boolean':
      writer.boolean(value);
      break;
    case 'bigint':
      writer.integer(value);
      break;
    case 'number':
      if (isWholeAngle(name, value)) writer.integer(value);
      else writer.float(value);
      break;
    default:
      if (value === null) writer.null();
      else if (Array.isArray(value)) {
        writer.array(value.length);
        for (const item of value) writeMember(writer, name, item);
      } else writeMembers(writer, Object.entries(value as Coord));
  }
}

function writeMembers(writer: CborWriter, members: readonly (readonly [string, CoordMember])[]): void {
  writer.map(members.length);
  for (const [name, member] of members) {
    writer.text(name);
    writeMember(writer, name, member);
  }
}

const isWholeAngle = (name: string, value: number): boolean =>
  Number.isSafeInteger(value) && !Object.is(value, -0) && !FLOATING_COORD_MEMBERS.has(name);
