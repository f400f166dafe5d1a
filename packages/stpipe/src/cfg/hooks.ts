import { ConfigError } from '../config/errors.ts';
import type { ConfigValue } from '../config/section.ts';
import { skipSpace } from '../config/text.ts';
import { findClass } from './classes.ts';

/** What a hook asks to run. Only the caller knows whether it may: services refuse all of them. */
export type Hook =
  /** One of our steps, by its class, with options as `Class(option=value, …)`. */
  | {
      readonly kind: 'step';
      readonly name: string;
      readonly step: string;
      readonly options: ReadonlyMap<string, ConfigValue>;
    }
  /** A function of a JavaScript or TypeScript module, `file.mjs:function`. */
  | { readonly kind: 'module'; readonly name: string; readonly file: string; readonly function: string }
  /** A Python function or class that is not ours. */
  | { readonly kind: 'function'; readonly name: string; readonly module: string; readonly function: string }
  /** A shell command; `{0}` stands for the file of argument 0, see `commandLine`. */
  | { readonly kind: 'command'; readonly name: string; readonly command: string };

const DOTTED = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/;
const CALL = /^([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\((.*)\)$/s;
const SCRIPT = /\.(py|sh|pl|rb|m?js|exe)$/;
const MODULE = /^(\S+\.[cm]?[jt]s):([A-Za-z_$][\w$]*)$/;

const wrong = (text: string): never => {
  throw new ConfigError(
    'VALIDATION',
    `Hook ${text}: expected Class(option=value, …) with plain Python values.`,
  );
};

const NUMBER = /[+-]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][+-]?\d+)?/y;
const WORD = /True|False|None/y;
const WORDS: Readonly<Record<string, ConfigValue>> = { True: true, False: false, None: null };
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** Python literals of a call: texts, numbers, True, False, None, lists and tuples of them. */
class Literals {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  options(): Map<string, ConfigValue> {
    const options = new Map<string, ConfigValue>();
    for (this.#skip(); this.#at < this.#text.length; this.#skip()) {
      const name = this.#take(/[A-Za-z_]\w*/y) ?? wrong(this.#text);
      if (!this.#eat('=')) wrong(this.#text);
      options.set(name, this.#value(0));
      if (!this.#eat(',') && this.#at < this.#text.length) wrong(this.#text);
    }
    return options;
  }

  #value(depth: number): ConfigValue {
    this.#skip();
    const char = this.#text[this.#at];
    if (char === '"' || char === "'") return this.#string(char);
    if ((char === '[' || char === '(') && depth < 20) return this.#list(char === '[' ? ']' : ')', depth);
    const word = this.#take(WORD);
    if (word !== undefined) return WORDS[word]!;
    const number = this.#take(NUMBER);
    return number === undefined ? wrong(this.#text) : Number(number.replaceAll('_', ''));
  }

  #list(close: string, depth: number): ConfigValue[] {
    this.#at++;
    const items: ConfigValue[] = [];
    while (!this.#eat(close)) {
      items.push(this.#value(depth + 1));
      if (this.#eat(',')) continue;
      if (!this.#eat(close)) wrong(this.#text);
      break;
    }
    return items;
  }

  #string(quote: string): string {
    let text = '';
    for (this.#at++; this.#text[this.#at] !== quote; this.#at++) {
      let char = this.#text[this.#at] ?? wrong(this.#text);
      if (char === '\\') {
        char = this.#text[++this.#at] ?? wrong(this.#text);
        char = ESCAPES[char] ?? char;
      }
      text += char;
    }
    this.#at++;
    return text;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #eat(char: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    this.#skip();
    return true;
  }

  #skip(): void {
    this.#at = skipSpace(this.#text, this.#at);
  }
}

const parseHook = (text: string, name: string): Hook => {
  const command = text.trim();
  const module = MODULE.exec(command);
  if (module) return { kind: 'module', name, file: module[1]!, function: module[2]! };
  const call = CALL.exec(command);
  const known = findClass(command.split('(', 1)[0]!);
  if (known?.kind === 'step') {
    if (!call && command.includes('(')) wrong(command);
    const options = call ? new Literals(call[2]!).options() : new Map<string, ConfigValue>();
    return { kind: 'step', name, step: known.name, options };
  }
  if (DOTTED.test(command) && !SCRIPT.test(command)) {
    const dot = command.lastIndexOf('.');
    return { kind: 'function', name, module: command.slice(0, dot), function: command.slice(dot + 1) };
  }
  if (command === '')
    throw new ConfigError('VALIDATION', `Hook ${name} is empty: expected a command, a step or a function.`);
  return { kind: 'command', name, command };
};

const PLAIN = /^[\w./:@%+,=-]+$/;
const shellWord = (text: string): string => (PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/**
 * The command of a hook with its arguments in place: `{0}`, `{1}` … are words of the shell, `{args}` is all of them,
 * `{{` and `}}` are braces; other braces stay.
 * @throws ConfigError VALIDATION for the number of an argument that the hook is not given
 */
export const commandLine = (command: string, args: readonly string[]): string =>
  command.replace(/\{\{|\}\}|\{(\d+|args)\}/g, (found, which: string | undefined) => {
    if (which === undefined) return found[0]!;
    if (which === 'args') return args.map(shellWord).join(' ');
    const argument = args[Number(which)];
    if (argument !== undefined) return shellWord(argument);
    const least = `{0} to {${args.length - 1}}`;
    throw new ConfigError(
      'VALIDATION',
      `Hook ${command}: there is no argument {${which}}; this one is given ${args.length === 1 ? '{0}' : least}.`,
    );
  });

/**
 * What the hooks of a step ask for, in their order, named `pre_hook0`, `pre_hook1`, …
 * @throws ConfigError VALIDATION for a call of a step with anything but plain values
 */
export const parseHooks = (when: 'pre' | 'post', hooks: readonly ConfigValue[]): Hook[] =>
  hooks.map((hook, index) => parseHook(String(hook), `${when}_hook${index}`));
