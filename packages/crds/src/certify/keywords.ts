import type { Hdu, Header } from '@iris-drs/fits';
import { DateError, reformatDate } from '../timestamp.ts';
import type { CertifyFinding, KeywordRule } from './rule.ts';

type Finding = Omit<CertifyFinding, 'file'>;

/** Values that are told of those that would be right. */
const VALUES_SHOWN = 16;

const shown = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value));

const typeFault = (value: unknown, type: KeywordRule['type']): string | undefined => {
  switch (type) {
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? undefined : 'a number';
    case 'integer':
      return typeof value === 'bigint' || Number.isInteger(value) ? undefined : 'a whole number';
    case 'logical':
      return typeof value === 'boolean' ? undefined : 'T or F';
    case 'text':
      return typeof value === 'string' ? undefined : 'text in quotes';
    default:
      return typeof value === 'string' && isDate(value) ? undefined : 'a date, YYYY-MM-DDTHH:MM:SS';
  }
};

const isDate = (text: string): boolean => {
  try {
    reformatDate(text.trim());
    return true;
  } catch (error) {
    if (error instanceof DateError) return false;
    throw error;
  }
};

/** The value of a keyword in the first header that has it. */
export const valueIn = (headers: readonly Header[], keyword: string): unknown => {
  for (const header of headers) {
    const value = header.get(keyword);
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
};

const outside = (value: number, { above, atLeast }: KeywordRule): string | undefined => {
  if (above !== undefined && !(value > above)) return `a number above ${above}`;
  if (atLeast !== undefined && !(value >= atLeast)) return `a number of at least ${atLeast}`;
  return undefined;
};

/** Long lists are cut short. */
const oneOf = (values: readonly string[]): string => {
  if (values.length === 1) return values[0]!;
  const shown = values.slice(0, VALUES_SHOWN);
  const rest = values.length - shown.length;
  return `one of ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
};

/**
 * Faults of one keyword, looked for in the primary header and then in that of the main image.
 * @param hdus  the primary HDU first
 */
export const checkKeyword = (rule: KeywordRule, hdus: readonly Hdu[]): Finding[] => {
  const { keyword } = rule;
  const at = hdus.find(({ header }) => valueIn([header], keyword) !== undefined);
  if (at === undefined) {
    if (rule.missing === undefined) return [];
    const expected = rule.values ? oneOf(rule.values) : rule.type === 'date' ? 'a date' : rule.type;
    const message = `${keyword} is missing; expected ${expected}`;
    return [{ severity: rule.missing, hdu: 'PRIMARY', keyword, expected, message }];
  }
  const value = valueIn([at.header], keyword);
  const found = shown(value);
  const place = { hdu: at.name || `${at.index}`, keyword, found };
  const fault = (expected: string, severity: Finding['severity'] = 'error'): Finding => ({
    severity,
    ...place,
    expected,
    message: `${keyword} is ${found}; expected ${expected}`,
  });
  const wrong = typeFault(value, rule.type) ?? (typeof value === 'number' ? outside(value, rule) : undefined);
  if (wrong !== undefined) return [fault(wrong)];
  if (rule.values === undefined) return [];
  const parts = String(value)
    .toUpperCase()
    .split('|')
    .map((part) => part.trim());
  if (parts.every((part) => rule.values!.includes(part))) return [];
  return [fault(oneOf(rule.values), rule.lenient ? 'warning' : 'error')];
};
