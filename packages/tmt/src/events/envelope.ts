import { shown, TmtError } from '../errors.ts';
import type { Instant } from '../instant.ts';
import { keyTypeNamed } from './keytypes.ts';
import type { CswEvent, Parameter } from './model.ts';
import { isRecord, readInstant, readValues } from './values.ts';

/**
 * An event from the tree that a JSON or CBOR decoder gave. The envelope is read strictly: all six fields,
 * each of its type. Parameters are read leniently: any order, any key names, key types in any case, missing
 * units are none, members that CSW does not have are passed over.
 *
 * @throws TmtError NOT_AN_EVENT, BAD_ENVELOPE, BAD_PARAMETER, BAD_TIME
 */
export function readEvent(tree: unknown): CswEvent {
  if (!isRecord(tree)) throw notAnEvent(`found ${shown(tree)}`);
  const type = own(tree, '_type');
  if (type !== 'SystemEvent' && type !== 'ObserveEvent') throw notAnEvent(`its _type is ${shown(type)}`);
  const paramSet = own(tree, 'paramSet');
  if (!Array.isArray(paramSet)) throw badField('paramSet', paramSet, 'an array of parameters');
  return {
    type,
    eventId: textField(tree, 'eventId'),
    source: readSource(tree),
    eventName: textField(tree, 'eventName'),
    eventTime: readTime(own(tree, 'eventTime')),
    paramSet: paramSet.map(readParameter),
  };
}

function readParameter(raw: unknown): Parameter {
  const entries = isRecord(raw) ? Object.entries(raw) : [];
  const [typeName, core] = entries[0] ?? [];
  if (entries.length !== 1 || typeName === undefined || !isRecord(core)) {
    throw new TmtError(
      'BAD_PARAMETER',
      `parameter is ${shown(raw)} with ${entries.length} members; expected {"<KeyType>": {keyName, values, units}}`,
    );
  }
  const keyName = own(core, 'keyName');
  if (typeof keyName !== 'string' || keyName === '') {
    throw new TmtError(
      'BAD_PARAMETER',
      `keyName of a ${shown(typeName)} is ${shown(keyName)}; expected text`,
    );
  }
  const keyType = keyTypeNamed(typeName);
  if (!keyType) {
    throw new TmtError(
      'BAD_PARAMETER',
      `${shown(keyName)} has the key type ${shown(typeName)}; expected one of CSW's 30 such as StringKey`,
      { field: keyName },
    );
  }
  const units = own(core, 'units') ?? 'NoUnits';
  if (typeof units !== 'string') {
    throw new TmtError('BAD_PARAMETER', `units of ${shown(keyName)} are ${shown(units)}; expected text`, {
      field: keyName,
    });
  }
  return { keyType, keyName, units, values: readValues(keyType, keyName, own(core, 'values')) };
}

function readSource(tree: Readonly<Record<string, unknown>>): string {
  const source = textField(tree, 'source');
  if (!/^[A-Za-z0-9_]+\.[^-]*[^-\s]$/.test(source)) {
    throw badField('source', source, 'SUBSYSTEM.component without hyphens, such as "IRIS.imager.detector"');
  }
  return source;
}

function readTime(raw: unknown): Instant {
  try {
    return readInstant(raw);
  } catch (cause) {
    if (!(cause instanceof TmtError)) throw cause;
    throw new TmtError('BAD_TIME', `eventTime: ${cause.message}`, { field: 'eventTime', cause });
  }
}

function textField(tree: Readonly<Record<string, unknown>>, name: string): string {
  const value = own(tree, name);
  if (typeof value !== 'string' || value === '') throw badField(name, value, 'text');
  return value;
}

const own = (tree: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(tree, name) ? tree[name] : undefined;

const badField = (field: string, found: unknown, expected: string): TmtError =>
  new TmtError('BAD_ENVELOPE', `${field} of the event is ${shown(found)}; expected ${expected}`, { field });

const notAnEvent = (found: string): TmtError =>
  new TmtError(
    'NOT_AN_EVENT',
    `not a CSW event: ${found}; expected an object whose _type is "SystemEvent" or "ObserveEvent"`,
    { field: '_type' },
  );
