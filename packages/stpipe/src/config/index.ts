export { ConfigError, type ConfigErrorCode } from './errors.ts';
export { interpolate } from './interpolate.ts';
export { configToJson } from './json.ts';
export { type ConfigDocument, type ParseOptions, parseConfig } from './parse.ts';
export type { ConfigSection, ConfigValue } from './section.ts';
