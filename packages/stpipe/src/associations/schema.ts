import { AssociationError } from './errors.ts';

/** The parts of an association file that are read; it may hold any others. */
export interface AssociationText {
  readonly asn_rule?: string;
  readonly asn_type?: string;
  readonly asn_pool?: string;
  readonly products: readonly {
    readonly name?: string;
    readonly members: readonly { readonly expname: string; readonly exptype: string }[];
  }[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Optional texts of the schemas of jwst; null stands for "not given". */
const TEXTS = ['asn_rule', 'asn_type', 'asn_pool', 'asn_id', 'program', 'target'];

/**
 * Checks parsed JSON against what jwst's schemas for levels 2b and 3 have in common.
 * @throws AssociationError ASN_NOT_VALID naming the place and what was expected there
 */
export const checkAssociation = (value: unknown, file: string): AssociationText => {
  const fail = (place: string, what: string): never => {
    const where = place === '' ? file : `${file}: ${place}`;
    throw new AssociationError('ASN_NOT_VALID', file, `${where}: ${what}. Is this an association?`);
  };
  const object = (one: unknown, place: string): Fields =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? (one as Fields)
      : fail(
          place,
          `expected an object, found ${Array.isArray(one) && one.length > 0 ? 'a list' : JSON.stringify(one)?.slice(0, 60)}`,
        );
  const list = (fields: Fields, key: string, place: string): readonly unknown[] => {
    const one = Object.hasOwn(fields, key) ? fields[key] : fail(place, `'${key}' is a required property`);
    return Array.isArray(one) ? one : fail(`${place}${place && '/'}${key}`, 'expected a list');
  };
  const text = (fields: Fields, key: string, place: string, required: boolean): void => {
    const one = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (typeof one === 'string' || (!required && (one === undefined || one === null))) return;
    fail(place, one === undefined ? `'${key}' is a required property` : `'${key}' must be a text`);
  };

  const top = object(value, '');
  const products = list(top, 'products', '');
  for (const key of TEXTS) text(top, key, '', false);
  for (const [index, entry] of products.entries()) {
    const place = `products/${index}`;
    const product = object(entry, place);
    text(product, 'name', place, false);
    for (const [at, one] of list(product, 'members', place).entries()) {
      const member = object(one, `${place}/members/${at}`);
      text(member, 'expname', `${place}/members/${at}`, true);
      text(member, 'exptype', `${place}/members/${at}`, true);
    }
  }
  return top as unknown as AssociationText;
};
