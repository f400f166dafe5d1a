/**
 * Data quality bits: JWST's table of today, as liger_iris_pipeline uses it (stdatamodels,
 * jwst/datamodels/dqflags.py). iris_pipeline was built on jwst 0.17, whose table differs in four bits.
 */
import type { Header } from '@iris-drs/fits';
import { DataModelError } from './errors.ts';
import { text } from './headers.ts';

const NAMES = [
  'DO_NOT_USE',
  'SATURATED',
  'JUMP_DET',
  'DROPOUT',
  'OUTLIER',
  'PERSISTENCE',
  'AD_FLOOR',
  'CHARGELOSS',
  'RESERVED',
  'NON_SCIENCE',
  'DEAD',
  'HOT',
  'WARM',
  'LOW_QE',
  'RC',
  'TELEGRAPH',
  'NONLINEAR',
  'BAD_REF_PIXEL',
  'NO_FLAT_FIELD',
  'NO_GAIN_VALUE',
  'NO_LIN_CORR',
  'NO_SAT_CHECK',
  'UNRELIABLE_BIAS',
  'UNRELIABLE_DARK',
  'UNRELIABLE_SLOPE',
  'UNRELIABLE_FLAT',
  'OPEN',
  'ADJ_OPEN',
  'FLUX_ESTIMATED',
  'MSA_FAILED_OPEN',
  'OTHER_BAD_PIXEL',
  'REFERENCE_PIXEL',
] as const;

export type FlagName = (typeof NAMES)[number];

/** Value of each flag, bit 0 first: `DQ.SATURATED === 2`. Unsigned. */
export const DQ: Readonly<Record<FlagName, number>> = Object.freeze(
  Object.fromEntries(NAMES.map((name, bit) => [name, 2 ** bit])) as Record<FlagName, number>,
);

/**
 * Names of the 0.17 table that are not in today's, and what they become. RESERVED_3 and RESERVED_4 meant
 * nothing and are dropped; an unreliable error or reset says that the pixel is bad in a way no bit of today says.
 */
const OLD_NAMES: ReadonlyMap<string, number> = new Map([
  ['RESERVED_1', 0],
  ['RESERVED_2', 0],
  ['RESERVED_3', 0],
  ['RESERVED_4', 0],
  ['UNRELIABLE_ERROR', DQ.OTHER_BAD_PIXEL],
  ['UNRELIABLE_RESET', DQ.UNRELIABLE_BIAS],
]);

/** Value of a flag by its name of today or of the 0.17 table; undefined when no table has it. */
export function flagValue(name: string): number | undefined {
  const key = name.trim().toUpperCase();
  if (key === 'GOOD') return 0;
  return Object.hasOwn(DQ, key) ? DQ[key as FlagName] : OLD_NAMES.get(key);
}

/** Names of the bits set in a value, lowest bit first; `GOOD` alone is the empty list. */
export const flagNames = (value: number): FlagName[] => NAMES.filter((_, bit) => ((value >>> bit) & 1) === 1);

/**
 * A mask from text: names and numbers joined by `+`, `,` or `|`; a leading `~` inverts the whole
 * (`~DO_NOT_USE+NON_SCIENCE`, `~(HOT, WARM)`), as stdatamodels' and astropy's interpret_bit_flags read it.
 *
 * @throws DataModelError FLAG_UNKNOWN
 */
export function parseFlags(flags: string): number {
  const inverted = /^\s*~/.test(flags);
  const body = flags
    .trim()
    .replace(/^~\s*/, '')
    .replace(/^\(([^()]*)\)$/, '$1');
  let mask = 0;
  for (const token of body.split(/[+,|]/)) mask |= tokenValue(token.trim(), flags);
  return (inverted ? ~mask : mask) >>> 0;
}

function tokenValue(token: string, flags: string): number {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(token) ? Number(token) : flagValue(token);
  if (value !== undefined && value <= 0xffffffff) return value;
  throw new DataModelError('FLAG_UNKNOWN', {
    found: `${JSON.stringify(token)} in ${JSON.stringify(flags)}`,
    expected: 'a flag such as DO_NOT_USE, or a number below 2³²',
  });
}

/** What the bits of another table become in ours: one mask for each of the 32 bits. */
export type FlagTranslation = Uint32Array;

const identity = (): FlagTranslation => Uint32Array.from({ length: 32 }, (_, bit) => 2 ** bit);

/** The translation from the table of jwst 0.17. */
function oldFlagTranslation(): FlagTranslation {
  const table = identity();
  table[6] = 0;
  table[7] = 0;
  table[8] = DQ.OTHER_BAD_PIXEL;
  table[28] = DQ.UNRELIABLE_BIAS;
  return table;
}

/**
 * The translation that a DQ_DEF table spells out: VALUE (or BIT) of a row becomes the flag that NAME has in
 * our table. Bits that the table does not define mean nothing and are dropped; unknown names are listed.
 */
export function flagTranslation(rows: Iterable<{ readonly value: number; readonly name: string }>): {
  readonly table: FlagTranslation;
  readonly unknown: readonly string[];
} {
  const table = new Uint32Array(32);
  const unknown: string[] = [];
  for (const { value, name } of rows) {
    const flag = flagValue(name);
    if (flag === undefined) unknown.push(name.trim());
    for (let bit = 0; bit < 32; bit++) {
      if ((value >>> bit) & 1) table[bit] = (table[bit]! | (flag ?? 0)) >>> 0;
    }
  }
  return { table, unknown };
}

/** Translates flags in place. */
export function translateFlags(flags: Uint32Array, table: FlagTranslation): void {
  let changed = 0;
  for (let bit = 0; bit < 32; bit++) if (table[bit] !== 2 ** bit) changed |= 1 << bit;
  if (changed === 0) return;
  const kept = ~changed;
  for (let i = 0; i < flags.length; i++) {
    const before = flags[i]!;
    let moving = before & changed;
    if (moving === 0) continue;
    let after = before & kept;
    while (moving !== 0) {
      const bit = 31 - Math.clz32(moving);
      after |= table[bit]!;
      moving &= ~(1 << bit);
    }
    flags[i] = after >>> 0;
  }
}

/** Translates flags of the 0.17 table in place. */
export const translateOldFlags = (flags: Uint32Array): void => translateFlags(flags, oldFlagTranslation());

/**
 * Does a header say that its flags follow the 0.17 table? It does when CAL_VER is a jwst or iris_pipeline
 * version up to 0.17 and the model is one of iris_pipeline's (DATAMODL IRIS…Model or TMT…Model).
 */
export function usesOldFlags(header: Header): boolean {
  const version = /^0\.(\d+)(\.|$)/.exec(text([header], 'CAL_VER') ?? '');
  const ofIrisPipeline = /^(IRIS|TMT)\w*Model$/.test(text([header], 'DATAMODL') ?? '');
  return version !== null && Number(version[1]) <= 17 && ofIrisPipeline;
}
