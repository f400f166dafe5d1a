import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { simulateObservation } from '@iris-drs/simulator';
import { parse } from '../../args.ts';
import { CliError } from '../../errors.ts';
import { DETECTOR_FLAGS, effectOptions } from './effects.ts';
import { COMMON_FLAGS, commonOptions, mappingsIn, refuseArguments, requireFlag } from './options.ts';
import { settingsChecked } from './settings.ts';

/** Contexts that a CRDS cache already has. */
export const contextsIn = (refs: string): string[] => {
  const mappings = mappingsIn(refs);
  return existsSync(mappings) ? readdirSync(mappings).filter((name) => name.endsWith('.pmap')) : [];
};

/** `drs sim references`: reference files of the simulated detectors and the CRDS cache that leads to them. */
export const makeReferences = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(args, { ...COMMON_FLAGS, ...DETECTOR_FLAGS }, usage);
  refuseArguments(positionals, usage);
  const refs = requireFlag('refs', values.refs, usage);
  const [present] = contextsIn(refs);
  if (present) {
    throw new CliError(
      1,
      `${refs} has the context ${present} already; nothing was made. Name an empty directory`,
    );
  }
  mkdirSync(refs, { recursive: true });
  // References are the first thing of an observation; the rest of it is not asked for.
  for await (const item of settingsChecked(
    simulateObservation({ ...commonOptions(values, refs, refs), ...effectOptions(values) }),
  )) {
    if (item.kind !== 'references') break;
    process.stdout.write(`${item.files.length} references, context ${item.context}, in ${refs}\n`);
    return 0;
  }
  throw new CliError(1, `no references were made in ${refs}`);
};
