import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Model, StepLog } from '@iris-drs/stpipe';
import { PipelineError } from '../errors.ts';

/** What a function that serves as hook is given beside the frame or the files. */
export interface HookContext {
  readonly log: StepLog;
  /** Name of the step, or of the pipeline. */
  readonly step: string;
  /** Files of further arguments: the backgrounds of bkg_subtract. */
  readonly files: readonly string[];
}

type HookFunction = (first: unknown, context: HookContext) => unknown;

/**
 * The function of a module. A relative file is looked for beside the .cfg file, then where the user stands.
 * @throws PipelineError HOOK_FAILED
 */
export const importHook = async (
  { file, function: name }: { readonly file: string; readonly function: string },
  { configFile, cwd }: { readonly configFile: string | undefined; readonly cwd: string },
): Promise<HookFunction> => {
  const places = [...(configFile === undefined ? [] : [dirname(configFile)]), cwd];
  const path = places.map((place) => resolve(place, file)).find(existsSync);
  if (path === undefined) {
    throw new PipelineError(
      'HOOK_FAILED',
      `Module ${file} of a hook not found in ${[...new Set(places)].join(' or ')}.`,
    );
  }
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await import(pathToFileURL(path).href);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PipelineError('HOOK_FAILED', `Module ${path} of a hook cannot be loaded: ${why}`, cause);
  }
  const found = exported[name];
  if (typeof found === 'function') return found as HookFunction;
  throw new PipelineError(
    'HOOK_FAILED',
    `${path} exports no function ${name}; it exports: ${Object.keys(exported).join(', ') || 'nothing'}.`,
  );
};

/** Calls a hook with a frame, which it changes in place. @throws PipelineError HOOK_FAILED for another result */
export const callWithFrame = async (
  hook: HookFunction,
  name: string,
  model: Model,
  context: HookContext,
): Promise<void> => {
  const result = await hook(model, context);
  if (result === undefined || result === null || result === model) return;
  throw new PipelineError(
    'HOOK_FAILED',
    `Hook ${name} gave back ${typeof result === 'object' ? 'another object' : `a ${typeof result}`}; expected nothing, ` +
      'for a hook changes the frame that it is given.',
  );
};

/** Calls a hook with the files of a run: what it gives back, a path or several, takes their place. */
export const callWithFiles = async (
  hook: HookFunction,
  name: string,
  files: readonly string[],
  context: HookContext,
): Promise<readonly string[]> => {
  const result = await hook(files, context);
  if (result === undefined || result === null) return files;
  const paths = Array.isArray(result) ? result : [result];
  if (paths.length > 0 && paths.every((path) => typeof path === 'string')) return paths;
  throw new PipelineError(
    'HOOK_FAILED',
    `Hook ${name} gave back something else than paths; expected nothing, a path or a list of paths.`,
  );
};
