import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileExtension, isFitsName, removeSuffix } from '../cfg/naming.ts';
import type { Association, AssociationProduct } from './association.ts';
import { AssociationError } from './errors.ts';
import { parseAssociationJson } from './json.ts';
import { type AssociationText, checkAssociation } from './schema.ts';

export interface LoadOptions {
  readonly cwd: string;
  /** Where members without a directory lie; beside the association unless given. */
  readonly inputDirectory?: string | null;
  readonly warn: (message: string) => void;
}

const SINGLETON = 'singleton';

/** Name of the product of one file: without extension and known suffix. */
const productNameOf = (file: string): string =>
  removeSuffix(file.slice(0, file.length - fileExtension(file).length)).root;

/**
 * Where a member lies: relative to the association, or to the input directory; a path with directories that is not
 * there may also be relative to where the user stands, as stpipe reads it.
 */
const memberPath = (expname: string, directory: string, cwd: string): string => {
  const beside = resolve(directory, expname);
  if (basename(expname) === expname || existsSync(beside)) return beside;
  const here = resolve(cwd, expname);
  return existsSync(here) ? here : beside;
};

const levelOf = ({ asn_rule: rule, asn_type: type }: AssociationText): 2 | 3 =>
  /lv3|level3/i.test(rule ?? '') || /3$/.test(type ?? '') ? 3 : 2;

/** No association is larger; one of a thousand products has a megabyte. */
const MAX_BYTES = 1 << 26;

const readText = (path: string): string => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined && (!stat.isFile() || stat.size > MAX_BYTES)) {
    const why = stat.isFile() ? `has ${stat.size} bytes, more than any association` : 'is no file';
    throw new AssociationError('ASN_NOT_FOUND', path, `Association file ${path} ${why}.`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    if (cause instanceof TypeError)
      throw new AssociationError('ASN_NOT_JSON', path, `Association file ${path} is not UTF-8 text.`, cause);
    const why = reason === 'ENOENT' ? 'not found' : `cannot be read (${reason})`;
    throw new AssociationError('ASN_NOT_FOUND', path, `Association file ${path} ${why}.`, cause);
  }
};

/**
 * Reads an association file.
 * @throws AssociationError ASN_NOT_FOUND, ASN_NOT_JSON, ASN_NOT_VALID
 */
const loadFile = (path: string, { cwd, inputDirectory, warn }: LoadOptions): Association => {
  if (/\.ya?ml$/i.test(path)) {
    throw new AssociationError(
      'ASN_NOT_JSON',
      path,
      `Support for associations as YAML files is gone. Please use JSON format with extension .json instead of ${path}.`,
    );
  }
  const asn = checkAssociation(parseAssociationJson(readText(path), path, warn), path);
  const directory = inputDirectory ? resolve(cwd, inputDirectory) : dirname(path);
  const products = asn.products.map(({ name, members }, index): AssociationProduct => {
    const science = members.find(({ exptype }) => exptype.toLowerCase() === 'science');
    return {
      name: name || (science ? productNameOf(science.expname) : `product${index}`),
      members: members.map(({ expname, exptype }) => ({
        expname,
        exptype: exptype.toLowerCase(),
        path: memberPath(expname, directory, cwd),
      })),
    };
  });
  return {
    level: levelOf(asn),
    table: basename(path),
    pool: asn.asn_pool ?? SINGLETON,
    rule: asn.asn_rule ?? SINGLETON,
    type: asn.asn_type ?? 'none',
    products,
  };
};

/** Exposures without an association: level 2 makes a product of each, level 3 one of all. */
const singleton = (
  files: readonly string[],
  level: 2 | 3,
  { cwd, inputDirectory }: LoadOptions,
): Association => {
  const directory = inputDirectory ? resolve(cwd, inputDirectory) : cwd;
  const members = files.map((expname) => ({
    expname,
    exptype: 'science',
    path: resolve(basename(expname) === expname ? directory : cwd, expname),
  }));
  const groups = level === 3 ? [members] : members.map((member) => [member]);
  return {
    level,
    table: SINGLETON,
    pool: SINGLETON,
    rule: level === 3 ? SINGLETON : 'DMSLevel2bBase',
    type: 'none',
    products: groups.map((group) => ({ name: productNameOf(group[0]!.expname), members: group })),
  };
};

/**
 * What to make of the inputs of a run: of one association file as it says, of FITS files a singleton association.
 * @param inputs what stands on the command line
 * @param level that of the pipeline, where the inputs are no association
 * @throws AssociationError ASN_NOT_FOUND, ASN_NOT_JSON, ASN_NOT_VALID
 */
export const loadAssociation = (
  inputs: readonly [string, ...string[]],
  level: 2 | 3,
  options: LoadOptions,
): Association => {
  const [first] = inputs;
  if (inputs.length > 1 || isFitsName(first)) return singleton(inputs, level, options);
  return loadFile(resolve(options.cwd, first), options);
};
