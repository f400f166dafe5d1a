import { shown, TmtError } from '../errors.ts';
import { type Instant, instantOf, parseInstant } from '../instant.ts';
import {
  type ElementType,
  FLOATING_COORD_MEMBERS,
  INTEGER_BOUNDS,
  type KeyType,
  keyTypeInfo,
} from './keytypes.ts';
import type { Coord, CoordMember, ParameterValue } from './model.ts';

/**
 * Values of a parameter from the tree that a JSON or CBOR decoder gave. Both encodings are accepted
 * everywhere: times as text or `{seconds, nanos}`, bytes as numbers or byte strings, whole numbers for floats.
 *
 * @throws TmtError BAD_PARAMETER naming the key
 */
export function readValues(keyType: KeyType, keyName: string, raw: unknown): readonly ParameterValue[] {
  const { element, rank } = keyTypeInfo(keyType);
  const reader = rank === 0 ? scalarReader(element) : nestedReader(element, rank);
  try {
    return listOf(raw, element).map(reader);
  } catch (cause) {
    if (!(cause instanceof TmtError)) throw cause;
    throw new TmtError('BAD_PARAMETER', `${keyType} ${shown(keyName)}: ${cause.message}`, {
      field: keyName,
      cause,
    });
  }
}

function listOf(raw: unknown, element: ElementType): readonly unknown[] {
  if (Array.isArray(raw)) return raw;
  if (element === 'byte' && raw instanceof Uint8Array) return Array.from(Int8Array.from(raw));
  throw refused(raw, 'an array');
}

function nestedReader(element: ElementType, rank: number): (raw: unknown) => ParameterValue {
  const inner = rank === 1 ? scalarReader(element) : nestedReader(element, rank - 1);
  return (raw) => listOf(raw, rank === 1 ? element : 'text').map(inner) as unknown as ParameterValue;
}

function scalarReader(element: ElementType): (raw: unknown) => ParameterValue {
  switch (element) {
    case 'text':
      return (raw) => (typeof raw === 'string' ? raw : refuse(raw, 'a string'));
    case 'char':
      return (raw) =>
        typeof raw === 'string' && raw.length === 1 ? raw : refuse(raw, 'a string of one character');
    case 'boolean':
      return (raw) => (typeof raw === 'boolean' ? raw : refuse(raw, 'true or false'));
    case 'time':
      return readInstant;
    case 'coord':
      return readCoord;
    case 'float':
      return (raw) => {
        const value = readFloat(raw);
        const single = Math.fround(value);
        return Number.isFinite(single) || !Number.isFinite(value) ? single : refuse(raw, 'a 32-bit float');
      };
    case 'double':
      return readFloat;
    default:
      return (raw) => readInteger(raw, INTEGER_BOUNDS[element], element);
  }
}

/** @throws TmtError BAD_TIME */
export function readInstant(raw: unknown): Instant {
  if (typeof raw === 'string') return parseInstant(raw);
  if (isRecord(raw)) return instantOf(raw.seconds, raw.nanos);
  return parseInstant(shown(raw));
}

const readFloat = (raw: unknown): number =>
  typeof raw === 'number' ? raw : typeof raw === 'bigint' ? Number(raw) : refuse(raw, 'a number');

function readInteger(raw: unknown, [low, high]: readonly [bigint, bigint], name: string): number | bigint {
  const whole = typeof raw === 'bigint' || (typeof raw === 'number' && Number.isInteger(raw));
  if (!whole) return refuse(raw, `an integer (${name})`);
  const exact = BigInt(raw);
  if (exact < low || exact > high) return refuse(raw, `${low} to ${high} (${name})`);
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

const MAX_COORD_DEPTH = 8;

function readCoord(raw: unknown): Coord {
  if (!isRecord(raw) || typeof raw._type !== 'string') return refuse(raw, 'a coordinate with a _type');
  return readMember(raw, '', 0) as Coord;
}

function readMember(raw: unknown, name: string, depth: number): CoordMember {
  if (depth > MAX_COORD_DEPTH) return refuse(raw, `at most ${MAX_COORD_DEPTH} nested members`);
  if (typeof raw === 'string' || typeof raw === 'boolean' || raw === null) return raw;
  if (typeof raw === 'number' || typeof raw === 'bigint') {
    const floating = FLOATING_COORD_MEMBERS.has(name) || !Number.isInteger(Number(raw)) || Object.is(raw, -0);
    return floating ? Number(raw) : readInteger(raw, INTEGER_BOUNDS.long, 'long');
  }
  if (Array.isArray(raw)) return raw.map((item) => readMember(item, name, depth + 1));
  if (!isRecord(raw)) return refuse(raw, 'text, a number, a boolean or an object');
  return Object.fromEntries(
    Object.entries(raw).map(([member, value]) => [member, readMember(value, member, depth + 1)]),
  );
}

export const isRecord = (raw: unknown): raw is Readonly<Record<string, unknown>> =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !(raw instanceof Uint8Array);

const refused = (found: unknown, expected: string): TmtError =>
  new TmtError('BAD_PARAMETER', `value is ${shown(found)}; expected ${expected}`);

function refuse(found: unknown, expected: string): never {
  throw refused(found, expected);
}
