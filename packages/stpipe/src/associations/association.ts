import { existsSync } from 'node:fs';
import { AssociationError } from './errors.ts';

/** One input of a product. */
export interface AssociationMember {
  /** As written. */
  readonly expname: string;
  /** In lower case: science, background, … */
  readonly exptype: string;
  /** Absolute. */
  readonly path: string;
}

/** One output and what it is made of. */
export interface AssociationProduct {
  readonly name: string;
  readonly members: readonly AssociationMember[];
}

/** What is to be made of what: a level 2 association reduces exposures one by one, level 3 combines them. */
export interface Association {
  readonly level: 2 | 3;
  /** Base name of the file, or `singleton`: ASNTABLE. */
  readonly table: string;
  /** ASNPOOL. */
  readonly pool: string;
  readonly rule: string;
  readonly type: string;
  readonly products: readonly AssociationProduct[];
}

/** Members of one type, in the order of the association. */
export const membersOf = (product: AssociationProduct, exptype: string): AssociationMember[] =>
  product.members.filter((member) => member.exptype === exptype);

/**
 * The science exposure that a level 2 product is made of: the first, with stpipe's warning when there are several.
 * @throws AssociationError ASN_NO_SCIENCE
 */
export const scienceMember = (
  association: Association,
  product: AssociationProduct,
  warn: (message: string) => void,
): AssociationMember => {
  const science = membersOf(product, 'science');
  if (science.length !== 1) {
    warn(`Wrong number of science files found in ${product.name}`);
    if (science.length > 1) warn('    Using only first one.');
  }
  const [first] = science;
  if (first) return first;
  throw new AssociationError(
    'ASN_NO_SCIENCE',
    association.table,
    `Product ${product.name} of ${association.table} has no member of exptype science.`,
  );
};

/**
 * Looks whether every member is there, before any work is done.
 * @throws AssociationError ASN_MEMBER_MISSING naming all that are not
 */
export const checkMembers = (association: Association): void => {
  const members = association.products.flatMap((product) => product.members);
  const missing = [...new Set(members.map(({ path }) => path))].filter((path) => !existsSync(path));
  if (missing.length === 0) return;
  throw new AssociationError(
    'ASN_MEMBER_MISSING',
    association.table,
    `${association.table}: ${missing.length === 1 ? 'a member is' : `${missing.length} members are`} missing: ${missing.join(', ')}.`,
  );
};
