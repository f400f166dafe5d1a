import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import {
  ASSOCIATION_RULES,
  type AssociationJson,
  type AssociationRule,
  makeAssociations,
} from '@iris-drs/stpipe';
import { parse } from '../../args.ts';
import { CliError, usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { writeText } from '../refs/destination.ts';
import { reasonOf } from '../refs/failures.ts';
import { chooseFrames } from './choose.ts';
import { type FrameFile, readFrame } from './frames.ts';

/** Rules by their own names and by those that stand in associations. */
const ruleOf = (text: string): AssociationRule => {
  const wanted = text.toLowerCase();
  for (const [rule, { asn_rule }] of Object.entries(ASSOCIATION_RULES)) {
    if (wanted === rule || wanted === asn_rule.toLowerCase()) return rule as AssociationRule;
  }
  throw usageError(`--rule ${text}: expected one of ${Object.keys(ASSOCIATION_RULES).join(', ')}`);
};

const readAll = async (files: readonly string[]): Promise<FrameFile[]> => {
  const frames: FrameFile[] = [];
  for (const file of files) {
    try {
      frames.push(await readFrame(file));
    } catch (error) {
      const reason = reasonOf(error);
      throw new CliError(1, reason.includes(file) ? reason : `${file}: ${reason}`, error);
    }
  }
  return frames;
};

/** @throws CliError when two products have one name: one would replace the other */
const checkNames = (associations: readonly AssociationJson[]): void => {
  const names = associations.flatMap(({ products }) => products.map(({ name }) => name));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new CliError(1, `two products would be called ${twice}; associate them one by one with --product`);
  }
};

const renamed = (associations: readonly AssociationJson[], product: string | undefined) => {
  if (product === undefined) return associations;
  const count = associations.reduce((sum, { products }) => sum + products.length, 0);
  if (count !== 1) throw usageError(`--product ${product} names one product; there would be ${count}`);
  if (!/^[^/\0]+$/.test(product)) throw usageError(`--product ${product}: expected a name without a path`);
  return associations.map((association) => ({
    ...association,
    products: association.products.map((one) => ({ ...one, name: product })),
  }));
};

const fileName = ({ asn_id, asn_type }: AssociationJson): string =>
  `${asn_id.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^\./, '-')}_${asn_type}_asn.json`;

/** `drs asn FILE…`. All files are written or, where one is in the way, none. */
export const writeAssociations = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    {
      rule: { type: 'string' },
      output: { type: 'string', short: 'o' },
      product: { type: 'string' },
      force: { type: 'boolean' },
    },
    usage,
  );
  if (positionals.length === 0) throw usageError(`a FITS file is needed\nusage: drs ${usage}`);
  const rule = ruleOf(values.rule ?? 'image2');
  const { output = '.' } = values;
  const { frames, notes } = chooseFrames(await readAll(positionals), rule);
  for (const note of notes) process.stderr.write(`drs: ${note}\n`);
  const directory = output === '-' ? process.cwd() : resolve(output);
  if (output !== '-') mkdirSync(directory, { recursive: true });
  const from = realpathSync(directory);
  const files = frames.map((frame) => ({
    ...frame,
    expname: relative(from, frame.path),
  }));
  const associations = renamed(makeAssociations(files, rule), values.product);
  if (associations.length === 0) throw new CliError(1, 'none of the files is a frame to make an image of');
  checkNames(associations);
  if (output === '-') {
    for (const one of associations)
      await print(`${JSON.stringify(one, null, associations.length > 1 ? 0 : 4)}\n`);
    return 0;
  }
  const targets = associations.map((association) => ({
    path: join(directory, fileName(association)),
    text: `${JSON.stringify(association, null, 4)}\n`,
  }));
  const present = targets.find(({ path }) => existsSync(path));
  if (present && !values.force)
    throw new CliError(1, `${present.path}: is there already; --force replaces it`);
  for (const { path, text } of targets) {
    await writeText(path, text);
    await print(`${path}\n`);
  }
  return 0;
};
