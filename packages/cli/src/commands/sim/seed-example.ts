import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { buildCache, type CacheRules, REFERENCE_TYPES } from '@iris-drs/crds';
import { writeAtomically, writeFile } from '@iris-drs/fits/node';
import { integerArg, parse } from '../../args.ts';
import { CliError, usageError } from '../../errors.ts';
import { contextsIn } from './references.ts';
import { seedFrames } from './seed-example/frames.ts';
import { SEED_TEXTS } from './seed-example/texts.ts';

const DARK = 'tmt_iris_dark_0001.fits';

/** The rules of iris_pipeline's own cache for darks; of the other types none applies. */
const rulesWith = (dark: string): Readonly<Record<string, CacheRules>> => ({
  ...Object.fromEntries(REFERENCE_TYPES.map((type) => [type, 'N/A' as const])),
  dark: {
    parameters: ['META.INSTRUMENT.DETECTOR', 'META.SUBARRAY.NAME'],
    references: ['CUSTOM', 'FULL'].map((subarray) => ({
      match: ['IRIS1', subarray],
      useAfter: '1900-01-01 00:00:00',
      file: DARK,
      ...(subarray === 'FULL' ? { from: dark } : {}),
    })),
  },
});

/** What to type next, for one who stands where the example was asked for. */
const nextSteps = (directory: string): string => {
  const here = relative(process.cwd(), directory);
  return [
    ...(here === '' ? [] : [`cd ${here}`]),
    'export CRDS_PATH=$PWD/crds_cache',
    'tmtrun iris_pipeline.pipeline.PreprocessFlatfield raw_flat_frame_cal.fits',
    'mv raw_flat_frame_flat.fits flat.fits',
    'tmtrun image2_iris.cfg asn_subtract_bg_flat.json',
    '',
  ].join('\n');
};

/**
 * `drs sim seed-example`: what the example of iris_pipeline 0.2.0's manual (chapter 2) takes: three raw frames, a
 * CRDS cache with their dark, two .cfg files and the association.
 */
export const makeSeedExample = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    { size: { type: 'string' }, seed: { type: 'string' }, darks: { type: 'string' } },
    usage,
  );
  if (positionals.length > 1) throw usageError(`unexpected '${positionals[1]}'\nusage: drs ${usage}`);
  const directory = resolve(positionals[0] ?? 'seed-example');
  const size = integerArg('size', values.size, 4096, 32, 8192);
  const seed = integerArg('seed', values.seed, 1, 0, 2 ** 31);
  const darks = integerArg('darks', values.darks, 0, 0, 100);
  const cache = join(directory, 'crds_cache');
  if (contextsIn(cache).length > 0) {
    throw new CliError(1, `${directory} holds the example already; nothing was made. Name another directory`);
  }
  mkdirSync(directory, { recursive: true });
  for (const { file, hdus } of seedFrames(size, seed, darks)) {
    const path = join(directory, file);
    writeFile(path, hdus);
    if (file === DARK) {
      await buildCache(cache, { types: rulesWith(path) });
      rmSync(path);
    }
    process.stderr.write(`drs: made ${file}\n`);
  }
  for (const [name, text] of Object.entries(SEED_TEXTS))
    await writeAtomically(join(directory, name), (fd) => writeFileSync(fd, text));
  process.stdout.write(nextSteps(directory));
  return 0;
};
