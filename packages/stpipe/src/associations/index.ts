export {
  type Association,
  type AssociationMember,
  type AssociationProduct,
  checkMembers,
  membersOf,
  scienceMember,
} from './association.ts';
export { AssociationError, type AssociationErrorCode } from './errors.ts';
export { type LoadOptions, loadAssociation } from './load.ts';
