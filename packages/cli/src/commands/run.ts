import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { writeAtomically } from '@iris-drs/fits/node';
import { openEngine } from '@iris-drs/kernels';
import { makeDirectory, runConfigured, stepLookup } from '@iris-drs/pipelines';
import {
  type Configured,
  configToJson,
  configure,
  loadConfigFile,
  parametersText,
  VERSION,
} from '@iris-drs/stpipe';
import { usageError } from '../errors.ts';
import { type RunArguments, readArguments } from './run/arguments.ts';
import { asCliError } from './run/failures.ts';
import { classHelp } from './run/help.ts';
import { runOutput } from './run/log.ts';
import { parametersOf } from './run/parameters.ts';
import { referencesOf } from './run/references.ts';

export const usage =
  'run CFG_OR_CLASS [--KEY VALUE] [--steps.STEP.KEY VALUE] [--save-parameters FILE] [--logcfg FILE] [--remote [ADDRESS]] [--verbose] [--version] [files] ' +
  '(= tmtrun) | run CFG_OR_CLASS --help | run --dump-config FILE.cfg';
export const summary =
  'run a pipeline or a step on files, offline: Image2Pipeline, PreprocessFlatfield, ROPPipeline, DarkCurrentStep …; ' +
  'references come from the cache at CRDS_PATH, products go where one stands or to --output_dir';

const saveParameters = async (configured: Configured, path: string): Promise<void> => {
  makeDirectory(dirname(path));
  const text = parametersText(configured, /\.asdf$/i.test(path) ? 'asdf' : 'cfg');
  await writeAtomically(path, (fd) => writeFileSync(fd, text));
};

/** What switches parameters of the reference system off in stpipe too. */
const withoutParameters = (flags: RunArguments['flags']): boolean =>
  flags.has('disable-crds-steppars') ||
  /^(true|t|yes|y)$/i.test(process.env.STPIPE_DISABLE_CRDS_STEPPARS ?? '');

const reduce = async (given: RunArguments, target: string, cwd: string): Promise<number> => {
  const { flags, settings, inputs, options, known } = given;
  const output = runOutput({
    verbose: flags.has('verbose'),
    level: settings.get('log-level'),
    file: settings.get('log-file'),
    stream: settings.get('log-stream'),
    config: settings.get('logcfg'),
    ...{ cwd, home: process.env.HOME ?? homedir() },
  });
  const references = referencesOf(process.env);
  const looked = withoutParameters(flags) ? undefined : references;
  const inputDirectory = options.findLast(([key]) => key === 'input_dir')?.[1];
  const parameters = await parametersOf(known, inputs, looked, { cwd, inputDirectory, log: output.log });
  const configured = configure({
    ...{ target, options, steps: stepLookup, cwd },
    ...(parameters ? { parameters } : {}),
  });
  const saved = settings.get('save-parameters');
  if (saved !== undefined) await saveParameters(configured, resolve(cwd, saved));
  const [first, ...rest] = inputs;
  if (first === undefined) {
    if (saved !== undefined) return 0;
    throw usageError(`${configured.known.className} needs a file: FITS or association\nusage: drs ${usage}`);
  }
  output.log(`stpipe.${configured.name}`, 'DEBUG', `parameters: ${configToJson(configured.config)}`);
  const remote = settings.get('remote');
  if (remote !== undefined) {
    const { log, progress } = output;
    // What speaks to services takes longer to load than a small frame to reduce.
    const [{ runRemotely }, { openServices }] = await Promise.all([
      import('./run/remote/run.ts'),
      import('./run/remote/services.ts'),
    ]);
    try {
      using services = await openServices(remote || undefined);
      await runRemotely({ configured, inputs: [first, ...rest], cwd, services, log, progress });
    } finally {
      output.end();
    }
    return 0;
  }
  // Exit listeners take temporary frames away; a signal alone would not call them.
  const stop = (): never => process.exit(1);
  // Node forgets that nohup had hang-ups ignored; `drs` tells.
  const hangUp = process.env.DRS_NOHUP === '1' ? () => undefined : stop;
  process.on('SIGHUP', hangUp);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  const engine = await openEngine();
  try {
    const { log, progress } = output;
    await runConfigured({ configured, inputs, cwd, engine, references, log, progress });
  } finally {
    output.end();
    process.off('SIGHUP', hangUp);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    await engine.close();
  }
  return 0;
};

const runWith = async (given: RunArguments, cwd: string): Promise<number> => {
  const { target, known, spec, flags, settings } = given;
  const dumped = settings.get('dump-config');
  if (flags.has('version')) {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  if (dumped !== undefined) {
    process.stdout.write(`${configToJson(loadConfigFile(resolve(cwd, dumped)), 2)}\n`);
    return 0;
  }
  if (flags.has('help') && known && spec) {
    process.stdout.write(classHelp(known, spec));
    return 0;
  }
  if (flags.has('help') && target === undefined) {
    process.stdout.write(`usage: drs ${usage}\n${summary}\n`);
    return 0;
  }
  if (target === undefined)
    throw usageError(`what to run is missing: a .cfg file or a class\nusage: drs ${usage}`);
  return reduce(given, target, cwd);
};

export const run = async (args: readonly string[]): Promise<number> => {
  const cwd = process.cwd();
  let keys: readonly string[] = [];
  let inFile = args.some((arg) => /\.(cfg|ini|asdf)$/i.test(arg));
  try {
    const given = readArguments(args, cwd);
    keys = given.options.map(([key]) => key);
    inFile = given.target !== undefined && /\.(cfg|ini|asdf)$/i.test(given.target);
    return await runWith(given, cwd);
  } catch (error) {
    if (args.includes('--debug') && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    throw asCliError(error, inFile, keys);
  }
};
