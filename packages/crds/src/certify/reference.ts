import { basename } from 'node:path';
import { FitsError } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { assertNoPointer } from '../cache/files.ts';
import { CrdsError } from '../errors.ts';
import { checkExtension, findHdu } from './extensions.ts';
import { checkKeyword, valueIn } from './keywords.ts';
import type { CertifyFinding } from './rule.ts';
import { COMMON } from './rules/common.ts';
import { ruleOf } from './rules/index.ts';

export interface CertifyOptions {
  /** Look at pixels too, not only at headers and layout; default true. */
  readonly pixels?: boolean;
}

/**
 * Faults of a reference file by the rules of its type: keywords, extensions, columns, shapes and pixels.
 *
 * @param type     default the file's own REFTYPE
 * @returns errors, for which the file should not be put in force, and warnings; none when nothing is wrong
 * @throws errors of the file system as they are
 */
export const certifyReference = async (
  path: string,
  type?: string,
  options: CertifyOptions = {},
): Promise<CertifyFinding[]> => {
  const file = basename(path);
  try {
    assertNoPointer(path, file);
    using fits = await openFile(path);
    const primary = fits.hdus[0]!;
    const wanted = type?.toLowerCase();
    const said = fits.hdus
      .map(({ header }) => valueIn([header], 'REFTYPE'))
      .find((value) => value !== undefined);
    const own = said === undefined ? undefined : String(said).trim().toLowerCase();
    const findings: CertifyFinding[] = [];
    const error = (message: string, more: Partial<CertifyFinding> = {}): void => {
      findings.push({ severity: 'error', file, message, ...more });
    };
    const name = wanted ?? own;
    if (name === undefined) {
      error('REFTYPE is missing and no type was named; name one', { hdu: 'PRIMARY', keyword: 'REFTYPE' });
      return findings;
    }
    if (wanted !== undefined && own !== undefined && own !== wanted && !isAlias(own, wanted)) {
      const expected = wanted.toUpperCase();
      const found = `'${said}'`;
      error(`REFTYPE is ${found}; expected ${expected}`, {
        hdu: 'PRIMARY',
        keyword: 'REFTYPE',
        found,
        expected,
      });
    }
    const rule = ruleOf(name);
    if (rule === undefined) {
      findings.push({
        severity: 'warning',
        file,
        message: `nothing is known of references of the type ${name}; only keywords of all references are checked`,
        keyword: 'REFTYPE',
      });
    }
    const [first, ...others] = rule?.extensions ?? [];
    const main = first && findHdu(fits, first);
    const headers = main === undefined || main === primary ? [primary] : [primary, main];
    for (const keyword of [...COMMON, ...(rule?.keywords ?? [])]) {
      findings.push(...checkKeyword(keyword, headers).map((fault) => ({ ...fault, file })));
    }
    for (const extension of first ? [first, ...others] : []) {
      const faults = await checkExtension(extension, fits, main, options.pixels ?? true);
      findings.push(...faults.map((fault) => ({ ...fault, file })));
    }
    return findings;
  } catch (error) {
    if (!(error instanceof FitsError) && !(error instanceof CrdsError)) throw error;
    return [{ severity: 'error', file, message: error.message }];
  }
};

/** Two names of one type: what the file says and what the rules of CRDS call it. */
const isAlias = (own: string, wanted: string): boolean => {
  const rule = ruleOf(wanted);
  return rule?.type === own || (rule?.otherNames ?? []).includes(own);
};
