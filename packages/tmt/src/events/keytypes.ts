/** How one value of a key is written; the element type of arrays and matrices. */
export type ElementType =
  | 'text'
  | 'char'
  | 'boolean'
  | 'time'
  | 'coord'
  | 'byte'
  | 'short'
  | 'int'
  | 'long'
  | 'float'
  | 'double';

export interface KeyTypeInfo {
  readonly element: ElementType;
  /** 0 scalar, 1 array, 2 matrix. */
  readonly rank: 0 | 1 | 2;
}

/** The 30 key types of CSW parameters. Source: tmtsoftware/csw, csw-params `KeyType.scala`. */
const KEY_TYPES = {
  ChoiceKey: { element: 'text', rank: 0 },
  StringKey: { element: 'text', rank: 0 },
  UTCTimeKey: { element: 'time', rank: 0 },
  TAITimeKey: { element: 'time', rank: 0 },
  EqCoordKey: { element: 'coord', rank: 0 },
  SolarSystemCoordKey: { element: 'coord', rank: 0 },
  MinorPlanetCoordKey: { element: 'coord', rank: 0 },
  CometCoordKey: { element: 'coord', rank: 0 },
  AltAzCoordKey: { element: 'coord', rank: 0 },
  CoordKey: { element: 'coord', rank: 0 },
  BooleanKey: { element: 'boolean', rank: 0 },
  CharKey: { element: 'char', rank: 0 },
  ByteKey: { element: 'byte', rank: 0 },
  ShortKey: { element: 'short', rank: 0 },
  LongKey: { element: 'long', rank: 0 },
  IntKey: { element: 'int', rank: 0 },
  FloatKey: { element: 'float', rank: 0 },
  DoubleKey: { element: 'double', rank: 0 },
  ByteArrayKey: { element: 'byte', rank: 1 },
  ShortArrayKey: { element: 'short', rank: 1 },
  LongArrayKey: { element: 'long', rank: 1 },
  IntArrayKey: { element: 'int', rank: 1 },
  FloatArrayKey: { element: 'float', rank: 1 },
  DoubleArrayKey: { element: 'double', rank: 1 },
  ByteMatrixKey: { element: 'byte', rank: 2 },
  ShortMatrixKey: { element: 'short', rank: 2 },
  LongMatrixKey: { element: 'long', rank: 2 },
  IntMatrixKey: { element: 'int', rank: 2 },
  FloatMatrixKey: { element: 'float', rank: 2 },
  DoubleMatrixKey: { element: 'double', rank: 2 },
} as const satisfies Record<string, KeyTypeInfo>;

export type KeyType = keyof typeof KEY_TYPES;

const byLowerCase = new Map(Object.keys(KEY_TYPES).map((name) => [name.toLowerCase(), name as KeyType]));

/** The key type a name stands for; CSW reads these names without regard to case. */
export const keyTypeNamed = (name: string): KeyType | undefined => byLowerCase.get(name.toLowerCase());

export const keyTypeInfo = (keyType: KeyType): KeyTypeInfo => KEY_TYPES[keyType];

/** Bounds of the integer elements, inclusive. */
export const INTEGER_BOUNDS = {
  byte: [-128n, 127n],
  short: [-32_768n, 32_767n],
  int: [-2_147_483_648n, 2_147_483_647n],
  long: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
} as const;

/** Members of the coordinate types that are floating point; every other number there is integer micro-arcseconds. */
export const FLOATING_COORD_MEMBERS: ReadonlySet<string> = new Set([
  'pmx',
  'pmy',
  'epoch',
  'epochOfPerihelion',
  'meanDistance',
  'perihelionDistance',
  'eccentricity',
]);
