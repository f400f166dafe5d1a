import type { CertifyFinding } from './rule.ts';

export interface CertifyOptions {
  /** Look at pixels too, not only at headers; default true. */
  readonly pixels?: boolean;
}

/**
 * Faults of a reference file by the rules of its type.
 * @param type  default REFTYPE of the file
 */
export const certifyReference = async (
  _path: string,
  _type?: string,
  _options: CertifyOptions = {},
): Promise<CertifyFinding[]> => [];
