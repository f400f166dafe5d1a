import { statSync } from 'node:fs';
import { openFile } from '@iris-drs/fits/node';
import { type Association, isFitsName, loadAssociation, membersOf } from '@iris-drs/stpipe';
import { parse } from '../../args.ts';
import { usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { reasonOf } from '../refs/failures.ts';

/** What is wrong with a member, in a few words; undefined when it is a FITS file. */
const memberFault = async (path: string): Promise<string | undefined> => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 'is missing';
  if (!stat.isFile()) return 'is no file';
  try {
    using _fits = await openFile(path);
    return undefined;
  } catch (error) {
    return `cannot be read: ${reasonOf(error)}`;
  }
};

const faultsOf = async ({ products, level }: Association): Promise<string[]> => {
  const faults: string[] = [];
  const names = products.map(({ name }) => name);
  for (const twice of new Set(names.filter((name, i) => names.indexOf(name) !== i))) {
    faults.push(`two products are called ${twice}`);
  }
  if (products.length === 0) faults.push('there are no products');
  for (const product of products) {
    const science = membersOf(product, 'science').length;
    if (science === 0) faults.push(`product ${product.name} has no member of exptype science`);
    else if (level === 2 && science > 1) {
      faults.push(`product ${product.name} has ${science} science members; a product of level 2 has one`);
    }
    const paths = product.members.map(({ path }) => path);
    for (const { expname } of product.members.filter(({ path }, i) => paths.indexOf(path) !== i)) {
      faults.push(`product ${product.name} has the member ${expname} twice`);
    }
  }
  const members = new Map(products.flatMap(({ members: all }) => all).map((one) => [one.path, one]));
  for (const { expname, path } of members.values()) {
    const fault = await memberFault(path);
    if (fault !== undefined) faults.push(`member ${expname} ${fault}`);
  }
  return faults;
};

const check = async (file: string) => {
  const warnings: string[] = [];
  try {
    if (isFitsName(file)) throw new Error(`${file}: a FITS file is no association`);
    const association = loadAssociation([file], 2, {
      cwd: process.cwd(),
      warn: (message) => warnings.push(message),
    });
    const { level, products } = association;
    const members = products.reduce((sum, product) => sum + product.members.length, 0);
    return { file, level, products: products.length, members, faults: await faultsOf(association), warnings };
  } catch (error) {
    return { file, faults: [reasonOf(error)], warnings };
  }
};

/** `drs asn check ASSOCIATION…`: exit code 1 when one cannot be used. */
export const checkAssociations = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(args, { json: { type: 'boolean' } }, usage);
  if (positionals.length === 0) throw usageError(`an association is needed\nusage: drs ${usage}`);
  let failed = false;
  for (const file of positionals) {
    const result = await check(file);
    const { faults, warnings } = result;
    failed ||= faults.length > 0;
    if (values.json) {
      await print(`${JSON.stringify({ ...result, valid: faults.length === 0 })}\n`);
      continue;
    }
    for (const text of [...faults, ...warnings]) {
      process.stderr.write(`drs: ${text.includes(file) ? '' : `${file}: `}${text}\n`);
    }
    if (faults.length > 0) continue;
    const { level, products = 0, members = 0 } = result;
    await print(
      `${file}: level ${level}, ${products} product${products === 1 ? '' : 's'}, ${members} members\n`,
    );
  }
  return failed ? 1 : 0;
};
