import { basename } from 'node:path';
import type { RunLog } from '@iris-drs/pipelines';
import type { Product, ReduceUpdate, Task } from '@iris-drs/proto';
import { CliError } from '../../../errors.ts';
import type { RemoteStage } from './services.ts';

export interface Listener {
  readonly log: RunLog;
  /** Logger of a step of ours, and what it is called in the user's configuration. */
  stepNamed(step: string): { readonly logger: string; readonly section: string };
  began(what: string): void;
  ended(): void;
}

const lines = ({ log, stepNamed }: Listener, file: string) => ({
  running(step: string): void {
    const { logger, section } = stepNamed(step);
    log(logger, 'INFO', `Step ${section} running with args ('${file}',).`);
  },
  skipped(step: string): void {
    log(stepNamed(step).logger, 'INFO', 'Step skipped.');
  },
  done(step: string): void {
    const { logger, section } = stepNamed(step);
    log(logger, 'INFO', `Step ${section} done`);
  },
});

/**
 * Has a stage reduce now, its progress into the log as it comes.
 * @throws CliError 1 for a failure that the stage reports, 3 when it is lost on the way
 */
export const reduceRemotely = async (
  { stage, steps, client, address }: RemoteStage,
  task: Task,
  listener: Listener,
): Promise<Product> => {
  const file = basename(task.inputs[0]?.frame?.path ?? '');
  const say = lines(listener, file);
  const call = client.reduce({ task });
  const seen = new Set<string>();
  /** A step that is skipped is not heard of: those in front of one that is, or of the end, were. */
  const leftOut = (before: readonly string[]): void => {
    for (const step of before.filter((name) => !seen.has(name))) {
      seen.add(step);
      say.running(step);
      say.skipped(step);
      say.done(step);
      listener.ended();
    }
  };
  let product: Product | undefined;
  const take = (update: NonNullable<ReduceUpdate['update']>): void => {
    if (update.$case === 'product') product = update.value;
    else if (update.$case === 'failure') {
      const { code, message, retriable } = update.value;
      throw new CliError(1, `${stage}: ${message} (${code}${retriable ? ', may work later' : ''})`);
    } else if (!steps.includes(update.value.step)) {
      const { step, state, seconds } = update.value;
      listener.log(`stpipe.${stage}`, 'DEBUG', `${step} ${state} ${seconds.toFixed(3)} s`);
    } else {
      const { step, state } = update.value;
      if (state === 'RUNNING') {
        leftOut(steps.slice(0, steps.indexOf(step)));
        seen.add(step);
        say.running(step);
        listener.began(`${file} ${listener.stepNamed(step).section}`);
      } else {
        if (state === 'SKIPPED') say.skipped(step);
        say.done(step);
        listener.ended();
      }
    }
  };
  try {
    for await (const { update } of call as AsyncIterable<ReduceUpdate>) if (update) take(update);
  } catch (error) {
    call.cancel();
    if (error instanceof CliError) throw error;
    const { details, message } = error as Error & { details?: string };
    throw new CliError(3, `${stage} at ${address}: ${details || message}`, error);
  }
  if (!product) throw new CliError(3, `${stage} at ${address} ended without a product`);
  leftOut(steps);
  return product;
};
