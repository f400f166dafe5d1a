import { basename, join, resolve } from 'node:path';
import type { ImageModel } from '@iris-drs/datamodels';
import { commandLine, type Hook, type Model, runSteps, type StepSettings } from '@iris-drs/stpipe';
import { SINGLE } from '../catalogue.ts';
import { PipelineError } from '../errors.ts';
import { type Job, loggerName, shownModel } from '../job.ts';
import { stepLogOf } from '../log.ts';
import { refuseWithout } from '../options.ts';
import { temporaryDirectory } from '../temporary.ts';
import { spawnCommand } from './command.ts';
import { lendFrame } from './hand-over.ts';
import { callWithFiles, callWithFrame, importHook } from './module.ts';
import { hooksOf, type When } from './plan.ts';

/** What the hooks of a step are given. */
interface Given {
  readonly model: Model;
  /** The frame in the model; none before a ramp is sampled. */
  readonly frame: ImageModel | undefined;
  /** File that the model came from. */
  readonly file: string;
  /** Files of further arguments. */
  readonly more: readonly string[];
}

const spawned = async (log: (message: string) => void, command: string, job: Job): Promise<void> => {
  log(`Spawning '${command}'`);
  const { code, stdout, stderr } = await spawnCommand(command, job.cwd);
  log(`Done with errorcode ${code}`);
  log(`STDOUT: ${stdout.trimEnd()}`);
  log(`STDERR: ${stderr.trimEnd()}`);
  if (code === 0) return;
  const said = stderr.trim().split('\n').at(-1);
  throw new PipelineError(
    'HOOK_FAILED',
    `Hook '${command}' returned error code ${code}${said ? `: ${said}` : '.'}`,
  );
};

const asText = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value));

/** One of our steps as hook, with the options that it was called with. */
const runStepHook = async (
  job: Job,
  hook: Extract<Hook, { kind: 'step' }>,
  { frame }: Given,
  logger: string,
): Promise<void> => {
  const step = SINGLE.find(({ name }) => name === hook.step)!;
  if (!frame) {
    throw new PipelineError(
      'NOT_AVAILABLE',
      `${logger}: step ${step.name} works on frames; before readoutsamp there are only reads.`,
    );
  }
  const options: Record<string, string> = {};
  for (const [name, value] of hook.options) {
    if (value === null) continue;
    const path = name.startsWith('override_') && value !== 'N/A';
    options[`${step.name}.${name}`] = path ? resolve(job.cwd, asText(value)) : asText(value);
  }
  const asked = step.referenceTypes.filter((type) => !(`${step.name}.override_${type}` in options));
  if (!job.hasReferences) refuseWithout(asked);
  const { engine, cache, references, log } = job;
  await runSteps([step], frame, {
    ...{ engine, cache, references, options },
    log: stepLogOf(log, logger),
  });
};

const CLASS: Readonly<Record<Hook['kind'], string>> = {
  command: 'SystemCall',
  module: 'FunctionWrapper',
  function: 'FunctionWrapper',
  step: 'Step',
};

const runHook = async (job: Job, hook: Hook, section: string | undefined, given: Given): Promise<void> => {
  const logger = `${loggerName(job, section)}.${hook.name}`;
  const log = (message: string): void => job.log(logger, 'INFO', message);
  const { frame, file, more, model } = given;
  const shown = frame ? shownModel(frame, file) : `'${basename(file)}'`;
  log(`${CLASS[hook.kind]} instance created.`);
  log(`Step ${hook.name} running with args (${shown},).`);
  if (hook.kind === 'command' && frame) {
    using directory = temporaryDirectory();
    const name = logger.replace(/[^\w.-]/g, '_');
    const path = join(directory.path, `${name}.0000.fits`);
    const command = commandLine(hook.command, [path, ...more]);
    if (await lendFrame(job.engine, frame, path, () => spawned(log, command, job)))
      log('The frame is taken back as the command has left it');
  } else if (hook.kind === 'command') await spawned(log, commandLine(hook.command, [file, ...more]), job);
  else if (hook.kind === 'step') await runStepHook(job, hook, given, logger);
  else if (hook.kind === 'module') {
    const called = await importHook(hook, { configFile: job.configured.file, cwd: job.cwd });
    const context = { log: stepLogOf(job.log, logger), step: section ?? job.configured.name, files: more };
    await callWithFrame(called, hook.name, frame ?? model, context);
  }
  log(`Step ${hook.name} done`);
};

/**
 * Runs the hooks of a step, or the post hooks of the pipeline, on a model, one after the other.
 * @throws PipelineError HOOK_FAILED, NOT_AVAILABLE; whatever a function of the user throws
 */
export const runHooks = async (
  job: Job,
  when: When,
  settings: StepSettings | undefined,
  given: Given,
): Promise<void> => {
  for (const hook of hooksOf(settings, when)) await runHook(job, hook, settings?.section, given);
};

/** Runs the pre hooks of a pipeline on the files that the user named. @returns those that are to be worked on */
export const runFileHooks = async (
  job: Job,
  inputs: readonly [string, ...string[]],
): Promise<readonly [string, ...string[]]> => {
  let files: readonly string[] = inputs;
  for (const hook of hooksOf(job.configured.own, 'pre')) {
    const logger = `${loggerName(job)}.${hook.name}`;
    const log = (message: string): void => job.log(logger, 'INFO', message);
    log(`${CLASS[hook.kind]} instance created.`);
    log(`Step ${hook.name} running with args (${files.map((file) => `'${file}'`).join(', ')},).`);
    if (hook.kind === 'command') await spawned(log, commandLine(hook.command, files), job);
    else if (hook.kind === 'module') {
      const called = await importHook(hook, { configFile: job.configured.file, cwd: job.cwd });
      const context = { log: stepLogOf(job.log, logger), step: job.configured.name, files: [] };
      files = await callWithFiles(called, hook.name, files, context);
    }
    log(`Step ${hook.name} done`);
  }
  return files as readonly [string, ...string[]];
};
