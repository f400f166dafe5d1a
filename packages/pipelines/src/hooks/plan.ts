import { type Configured, type Hook, optionPath, parseHooks, type StepSettings } from '@iris-drs/stpipe';
import { SINGLE } from '../catalogue.ts';
import { PipelineError } from '../errors.ts';

export type When = 'pre' | 'post';

/** What the user wants to run before or after a step, or the pipeline itself. */
export const hooksOf = (settings: StepSettings | undefined, when: When): readonly Hook[] => {
  const given = settings?.values.get(`${when}_hooks`);
  return Array.isArray(given) ? parseHooks(when, given) : [];
};

/** Does a configuration have hooks of steps, or hooks after the pipeline? They are given whole frames. */
export const hooksFrames = ({ own, steps }: Configured): boolean =>
  [own, ...steps].some((settings) =>
    (['pre', 'post'] as const).some((when) => hooksOf(settings, when).length > 0),
  );

const refused = (where: string, hook: Hook): string | undefined => {
  if (hook.kind === 'function')
    return (
      `${where}: ${hook.module}.${hook.function} is a function of Python, or a class that is not known here. Give it ` +
      'as a command that changes the FITS file {0}, such as "python3 fix.py {0}", or as a function of JavaScript, ' +
      '"fix.mjs:name".'
    );
  if (hook.kind === 'step' && !SINGLE.some(({ name }) => name === hook.step)) {
    const known = SINGLE.map(({ name }) => name).join(', ');
    return `${where}: step ${hook.step} cannot be a hook; those that can are ${known}.`;
  }
  return undefined;
};

/**
 * Looks whether all hooks of a configuration can be run, before anything is.
 * @throws PipelineError NOT_AVAILABLE; ConfigError for a hook that cannot be read
 */
export const checkHooks = ({ known, own, steps }: Configured): void => {
  for (const settings of [own, ...steps]) {
    for (const when of ['pre', 'post'] as const) {
      const where = optionPath(settings, `${when}_hooks`);
      for (const hook of hooksOf(settings, when)) {
        const files = settings === own && known.kind === 'pipeline' && when === 'pre';
        const why =
          files && hook.kind === 'step'
            ? `${where}: the pipeline itself is given files, not frames; give step ${hook.step} to its first step.`
            : refused(where, hook);
        if (why !== undefined) throw new PipelineError('NOT_AVAILABLE', why);
      }
    }
  }
};
