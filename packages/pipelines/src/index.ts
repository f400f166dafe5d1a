export { stepLookup } from './catalogue.ts';
export { makeDirectory } from './directory.ts';
export { PipelineError, type PipelineErrorCode } from './errors.ts';
export type { RunProgress, RunRequest } from './job.ts';
export type { LogLevel, RunLog } from './log.ts';
export { stepTexts } from './options.ts';
export { announce, runConfigured } from './run.ts';
