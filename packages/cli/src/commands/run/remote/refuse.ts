import { PipelineError } from '@iris-drs/pipelines';
import { type Configured, optionPath } from '@iris-drs/stpipe';
import { usageError } from '../../../errors.ts';

/** Options that say how products are called: services name theirs by exposure and detector. */
const NAMING = ['output_file', 'output_dir', 'suffix'];

/** Options that only runs without services know, where they ask for something. */
const HERE_ONLY = [
  'dark_output',
  'dark_output_dir',
  'flat_output',
  'flat_output_dir',
  'background',
  'scale',
  'compat',
];
const NOTHING: readonly unknown[] = [null, 1, 'none', ''];

/**
 * Looks whether a configuration asks for what services never do.
 * @throws PipelineError NOT_AVAILABLE for hooks and for results of single steps; CliError 2 for names of products
 */
export const refuseForServices = ({ own, steps }: Configured): void => {
  for (const settings of [own, ...steps]) {
    const { section, values } = settings;
    for (const key of ['pre_hooks', 'post_hooks']) {
      const hooks = values.get(key);
      if (Array.isArray(hooks) && hooks.length > 0)
        throw new PipelineError(
          'NOT_AVAILABLE',
          `${optionPath(settings, key)}: services run no hooks, which are code; leave out --remote to run them here.`,
        );
    }
    const name = NAMING.find((key) => typeof values.get(key) === 'string');
    if (name !== undefined)
      throw usageError(
        `${optionPath(settings, name)}: services name their products themselves; leave it out with --remote`,
      );
    if (section !== undefined && values.get('save_results') === true)
      throw new PipelineError(
        'NOT_AVAILABLE',
        `${optionPath(settings, 'save_results')}: services save no frame between two steps.`,
      );
  }
  for (const settings of [own, ...steps]) {
    const key = HERE_ONLY.find((name) => !NOTHING.includes(settings.values.get(name) ?? null));
    if (key !== undefined)
      throw new PipelineError(
        'NOT_AVAILABLE',
        `${optionPath(settings, key)}: no service does this; leave out --remote.`,
      );
  }
  for (const key of ['save_bsub', 'save_calibrated_ramp']) {
    if (own.values.get(key) === true)
      throw new PipelineError('NOT_AVAILABLE', `${key}: services save no such frame; leave out --remote.`);
  }
};
