import { readFileSync } from 'node:fs';
import type { ConfigSection, ConfigValue } from '../../src/index.ts';

/** One case of golden/configobj.json, which golden/make.py writes by asking ConfigObj. */
interface ParseCase {
  readonly text: string;
  readonly ok?: unknown;
  readonly error?: string;
  readonly message?: string;
  /** Messages of all errors of one text. */
  readonly all?: readonly string[];
}

interface Golden {
  readonly configobj: string;
  readonly parse: readonly ParseCase[];
  readonly plain: readonly (ParseCase & { readonly comments?: Readonly<Record<string, string>> })[];
  readonly quoted: readonly { readonly value: ConfigValue; readonly text: string }[];
  readonly validation: readonly (ParseCase & {
    readonly spec: string;
    readonly messages?: readonly string[];
  })[];
}

export const GOLDEN_FILE = new URL('golden/configobj.json', import.meta.url);
export const golden = JSON.parse(readFileSync(GOLDEN_FILE, 'utf8')) as Golden;

/** Values by key, in no order; what JSON cannot hold as golden/validation.py writes it. */
export const plain = (section: ConfigSection): Record<string, unknown> => {
  const value = (one: ConfigValue): unknown => {
    if (typeof one === 'bigint') return `int ${one}`;
    if (typeof one === 'number' && !Number.isFinite(one)) return `float ${one}`.toLowerCase();
    return Array.isArray(one) ? one.map(value) : one;
  };
  return Object.fromEntries([
    ...[...section.scalars].map(([key, one]) => [key, value(one)]),
    ...[...section.sections].map(([key, inner]) => [key, plain(inner)]),
  ]);
};
