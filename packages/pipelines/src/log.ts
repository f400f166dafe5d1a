import type { StepLog } from '@iris-drs/stpipe';

export type LogLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';

/** Where a run says what it does, under stpipe's logger names: `stpipe.Image2Pipeline.flat_field`. */
export type RunLog = (name: string, level: LogLevel, message: string) => void;

/** The lines of one logger. */
export const stepLogOf = (log: RunLog, name: string): StepLog => ({
  info: (message) => log(name, 'INFO', message),
  warn: (message) => log(name, 'WARNING', message),
});

/**
 * Deals the lines of a run of several steps out to their loggers: what is said between a step's start and its end is
 * that step's, what is said before the first is the pipeline's. Skipped steps get the three lines that stpipe writes.
 *
 * @param loggerOf  of a step, or of the pipeline for undefined
 * @param running   text of the line that a step starts with
 */
export const dealtLog = (
  log: RunLog,
  loggerOf: (step: string | undefined) => string,
  running: (step: string) => string,
): StepLog & { started(step: string): void } => {
  let current: string | undefined;
  return {
    started(step) {
      if (current === step) return;
      current = step;
      log(loggerOf(step), 'INFO', running(step));
    },
    info(message) {
      const ended = /^Step (\w+) (done|skipped: (.*)\.)$/s.exec(message);
      if (!ended) return log(loggerOf(current), 'INFO', message);
      const [, step = '', end, reason] = ended;
      const logger = loggerOf(step);
      if (end !== 'done') {
        if (current !== step) log(logger, 'INFO', running(step));
        log(logger, 'INFO', reason === 'skip = True' ? 'Step skipped.' : `Step skipped: ${reason}.`);
      }
      current = undefined;
      // stpipe names the section, which need not be our name of the step.
      log(logger, 'INFO', `Step ${logger.slice(logger.lastIndexOf('.') + 1)} done`);
    },
    warn: (message) => log(loggerOf(current), 'WARNING', message),
  };
};
