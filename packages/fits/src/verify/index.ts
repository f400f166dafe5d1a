export type { Check, Finding } from './finding.ts';
export { type Verification, type VerifyOptions, verifyFits } from './verify.ts';
