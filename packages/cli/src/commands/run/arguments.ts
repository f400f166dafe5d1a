import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { stepLookup } from '@iris-drs/pipelines';
import {
  ConfigError,
  type ConfigSpec,
  checkAt,
  classSpec,
  findClass,
  type KnownClass,
  loadConfigFile,
  matchOption,
} from '@iris-drs/stpipe';
import { usageError } from '../../errors.ts';
import { namesServices } from './remote/names.ts';

/** Options of the command itself that stand alone, and what they do. */
export const FLAGS = {
  help: 'show the options of the class and end',
  verbose: 'say everything (log level DEBUG)',
  version: 'show the version and end',
  debug: 'show where an error comes from',
  'disable-crds-steppars': 'take no parameters from the reference system (pars-… types)',
} as const;

/** Options of the command itself with a value. */
export const SETTINGS = {
  'save-parameters': 'write all parameters of this run to a FILE, .cfg or .asdf',
  'dump-config': 'print a .cfg FILE as it was understood, as JSON, and end',
  logcfg: 'FILE with a log configuration; else stpipe-log.cfg here, ~/.stpipe-log.cfg, /etc/stpipe-log.cfg',
  remote:
    'reduce by the services of host:port[,…] or of an instance directory; alone: of the instance in use',
  'log-level': 'DEBUG, INFO, WARNING or ERROR: what is said',
  'log-file': 'say it to a FILE too',
  'log-stream': 'stdout, stderr or null: where it is said',
} as const;

export type Flag = keyof typeof FLAGS;
export type Setting = keyof typeof SETTINGS;

export interface RunArguments {
  /** .cfg file or class; undefined for `--version`, say. */
  readonly target: string | undefined;
  /** What is known of its class before the configuration is checked. */
  readonly spec: ConfigSpec | undefined;
  readonly known: KnownClass | undefined;
  readonly flags: ReadonlySet<Flag>;
  readonly settings: ReadonlyMap<Setting, string>;
  /** Keys of the spec and texts, in order. */
  readonly options: readonly (readonly [key: string, text: string])[];
  readonly inputs: readonly string[];
}

const isFlag = (name: string): name is Flag => Object.hasOwn(FLAGS, name);
const isSetting = (name: string): name is Setting => Object.hasOwn(SETTINGS, name);
const CFG = /\.(cfg|ini|asdf)$/i;

/** Does the argument before this one take it as its value? */
const isValue = (args: readonly string[], at: number): boolean => {
  const before = args[at - 1];
  return (
    before?.startsWith('--') === true &&
    !before.includes('=') &&
    !isFlag(before.slice(2)) &&
    before !== '--' &&
    !(before === '--remote' && !namesServices(args[at]!))
  );
};

/** Place of the .cfg file or class: what looks like one, else the first argument that is no option's value. */
const targetAt = (args: readonly string[]): number => {
  const words = args.flatMap((arg, at) => (arg.startsWith('-') ? [] : [at]));
  const free = words.filter((at) => !isValue(args, at));
  const isTarget = (at: number): boolean => findClass(args[at]!) !== undefined || CFG.test(args[at]!);
  const owned = words.filter(
    (at) => !/^--(save-parameters|dump-config|logcfg|log-file|.*config_file)$/.test(args[at - 1] ?? ''),
  );
  return free.find(isTarget) ?? owned.find(isTarget) ?? free[0] ?? -1;
};

/** The class that a target stands for, as far as that can be told before all of it is read. */
const classOf = (target: string, cwd: string): KnownClass | undefined => {
  const path = resolve(cwd, target);
  if (!existsSync(path) || findClass(target)) return findClass(target);
  const name = loadConfigFile(path).scalars.get('class');
  return typeof name === 'string' ? findClass(name) : undefined;
};

const BOOLEAN = /^(true|false|on|off|yes|no|1|0)$/i;

const matched = (spec: ConfigSpec | undefined, given: string): string => {
  const fixed = [...Object.keys(FLAGS), ...Object.keys(SETTINGS)];
  if (!spec) {
    if (fixed.includes(given)) return given;
    throw usageError(`unrecognized arguments: --${given}`);
  }
  try {
    return matchOption(spec, given, fixed);
  } catch (error) {
    throw error instanceof ConfigError ? usageError(error.message) : error;
  }
};

/**
 * Reads `CFG_OR_CLASS [options] [files]` as strun does: options may stand anywhere, with `=` or without, shortened as
 * long as they are clear; a boolean may stand alone.
 * @throws CliError wrong usage; ConfigError for a .cfg file that cannot be read
 */
export const readArguments = (args: readonly string[], cwd: string): RunArguments => {
  const end = args.indexOf('--');
  const before = end < 0 ? args : args.slice(0, end);
  const at = targetAt(before);
  const target = before[at];
  const known = target === undefined ? undefined : classOf(target, cwd);
  const spec = known && classSpec(known, stepLookup);
  const flags = new Set<Flag>();
  const settings = new Map<Setting, string>();
  const options: (readonly [string, string])[] = [];
  const inputs: string[] = [];
  for (let i = 0; i < before.length; i++) {
    const arg = before[i]!;
    if (i === at) continue;
    if (arg === '-v' || arg === '-h') flags.add(arg === '-v' ? 'verbose' : 'help');
    else if (!arg.startsWith('-') || arg === '-') inputs.push(arg);
    else if (!arg.startsWith('--')) throw usageError(`unrecognized arguments: ${arg}`);
    else {
      const [, given = '', inline] = /^--([^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
      // A target that nobody knows is told as such, not by its options.
      const name =
        spec || target === undefined || isFlag(given) || isSetting(given) ? matched(spec, given) : given;
      if (isFlag(name)) {
        if (inline !== undefined) throw usageError(`argument --${name}: takes no value`);
        flags.add(name);
        continue;
      }
      const next = i + 1 < before.length && i + 1 !== at ? before[i + 1] : undefined;
      const alone = spec !== undefined && checkAt(spec, name)?.startsWith('boolean') === true;
      let value = inline;
      if (value === undefined && alone && !(next !== undefined && BOOLEAN.test(next))) value = 'True';
      if (value === undefined && name === 'remote' && !(next !== undefined && namesServices(next)))
        value = '';
      if (value === undefined && next !== undefined && !next.startsWith('--')) {
        value = next;
        i += 1;
      }
      if (value === undefined) throw usageError(`argument --${name}: expected one argument`);
      if (isSetting(name)) settings.set(name, value);
      else options.push([name, value]);
    }
  }
  if (end >= 0) inputs.push(...args.slice(end + 1));
  return { target, spec, known, flags, settings, options, inputs };
};
