import { resolve } from 'node:path';
import { CrdsError, type ReferenceSource } from '@iris-drs/crds';
import type { Header } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import type { RunLog } from '@iris-drs/pipelines';
import {
  type ConfigSection,
  type KnownClass,
  loadAssociation,
  makeInputPath,
  referenceParameters,
} from '@iris-drs/stpipe';

/** The header that parameters are looked up by: of the first file, or of the first member of an association. */
const headerOf = async (
  inputs: readonly [string, ...string[]],
  inputDirectory: string | undefined,
  cwd: string,
): Promise<Header | undefined> => {
  try {
    const [first] = inputs;
    const path = /\.(json|ya?ml)$/i.test(first)
      ? loadAssociation(inputs, 2, { cwd, inputDirectory: inputDirectory ?? null, warn: () => {} })
          .products[0]?.members[0]?.path
      : resolve(cwd, makeInputPath(first, inputDirectory));
    if (path === undefined) return undefined;
    using fits = await openFile(path);
    return fits.hdu(0).header;
  } catch {
    // What is wrong with the input is told when it is its turn.
    return undefined;
  }
};

/** Parameters of the reference system for this class and these files, unless they are switched off. */
export const parametersOf = async (
  known: KnownClass | undefined,
  inputs: readonly string[],
  references: ReferenceSource | undefined,
  { cwd, inputDirectory, log }: { cwd: string; inputDirectory: string | undefined; log: RunLog },
): Promise<ConfigSection | undefined> => {
  const [first, ...rest] = inputs;
  if (!known || !references || first === undefined) return undefined;
  const header = await headerOf([first, ...rest], inputDirectory, cwd);
  if (!header) return undefined;
  try {
    return await referenceParameters(known, header, references, (type, path) =>
      log('stpipe', 'INFO', `${type.toUpperCase()} parameters found: ${path}`),
    );
  } catch (error) {
    // A run that needs no reference does without rules; one that does will say what is wrong with them.
    if (error instanceof CrdsError) return undefined;
    throw error;
  }
};
