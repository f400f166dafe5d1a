import { ConfigError, type ConfigErrorCode } from './errors.ts';
import { type SectionLine, scanKey, scanSection } from './line.ts';
import { addSection, type ConfigSection, emptyConfig, hasEntry } from './section.ts';
import { reprOf, strip, unquote } from './text.ts';
import { readTriple } from './triple.ts';
import { type ScannedValue, scanPlainValue, scanValue } from './value.ts';

/** A parsed file: its sections with the values as written, and what it takes to write it again. */
export interface ConfigDocument {
  readonly root: ConfigSection;
  readonly initialComment: readonly string[];
  readonly finalComment: readonly string[];
  /** What the first indented line begins with; empty when none is indented. */
  readonly indent: string;
}

export interface ParseOptions {
  /** False for specs: values keep their quotes and commas. */
  readonly lists?: boolean;
  /** Named in errors. */
  readonly file?: string;
}

/** Deeper than anyone writes, and shallow enough for the recursive functions that walk the sections. */
const MAX_DEPTH = 200;

/** The section that holds a new one of this depth, or why there is none. */
const parentFor = (
  current: ConfigSection,
  { opened, closed }: SectionLine,
): ConfigSection | 'Cannot compute the section depth' | 'Section too nested' => {
  if (opened !== closed) return 'Cannot compute the section depth';
  if (opened > current.depth + 1 || opened > MAX_DEPTH) return 'Section too nested';
  let parent = current;
  while (parent.depth >= opened && parent.parent) parent = parent.parent;
  return parent;
};

/** Lines end at line feeds only, as in a file read as bytes; carriage returns at their ends and a BOM go. */
const linesOf = (text: string): string[] => {
  const lines = (text.startsWith('\ufeff') ? text.slice(1) : text).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => line.replace(/[\r\n]+$/, ''));
};

const raise = (errors: readonly ConfigError[], file: string | undefined): never => {
  const [first] = errors as [ConfigError];
  if (errors.length === 1) throw first;
  throw new ConfigError(
    'ConfigObjError',
    `Parsing failed with several errors.\nFirst error at line ${first.line}.`,
    { line: first.line!, errors, ...(file === undefined ? {} : { file }) },
  );
};

/** One pass over the lines; errors are kept and raised together at the end. */
class Parser {
  readonly #lines: readonly string[];
  readonly #options: ParseOptions;
  readonly #root = emptyConfig();
  readonly #errors: ConfigError[] = [];
  #section = this.#root;
  #indent: string | undefined;
  #comments: string[] = [];
  #index = 0;

  constructor(text: string, options: ParseOptions) {
    this.#lines = linesOf(text);
    this.#options = options;
  }

  run(): ConfigDocument {
    let initialComment: string[] | undefined;
    for (; this.#index < this.#lines.length; this.#index++) {
      const line = this.#lines[this.#index]!;
      const content = strip(line);
      if (content === '' || content.startsWith('#')) {
        this.#comments.push(line);
        continue;
      }
      if (!initialComment) {
        initialComment = this.#comments;
        this.#comments = [];
      }
      const section = scanSection(line);
      if (section) this.#enter(section);
      else this.#set(line);
      this.#comments = [];
    }
    if (this.#errors.length > 0) raise(this.#errors, this.#options.file);
    return {
      root: this.#root,
      initialComment: initialComment ?? this.#comments,
      finalComment: initialComment ? this.#comments : [],
      indent: this.#indent ?? '',
    };
  }

  #fail(code: ConfigErrorCode, what: string): void {
    const line = this.#index + 1;
    const { file } = this.#options;
    this.#errors.push(
      new ConfigError(code, `${what} at line ${line}.`, { line, ...(file === undefined ? {} : { file }) }),
    );
  }

  #enter(marker: SectionLine): void {
    this.#noteIndent(marker.indent);
    const parent = parentFor(this.#section, marker);
    if (typeof parent === 'string') {
      this.#fail('NestingError', parent);
      return;
    }
    const name = unquote(marker.name);
    if (hasEntry(parent, name)) {
      this.#fail('DuplicateError', 'Duplicate section name');
      return;
    }
    this.#section = addSection(parent, name, { before: this.#comments, inline: marker.comment });
  }

  #set(line: string): void {
    const found = scanKey(line);
    if (!found) {
      this.#fail('ParseError', `Invalid line (${reprOf(line)}) (matched as neither section nor keyword)`);
      return;
    }
    this.#noteIndent(found.indent);
    const triple = found.value.startsWith('"""') || found.value.startsWith("'''");
    const read: (ScannedValue & { readonly lastLine?: number }) | undefined = triple
      ? readTriple(found.value, this.#lines, this.#index)
      : this.#options.lists === false
        ? scanPlainValue(found.value)
        : scanValue(found.value);
    if (!read) {
      this.#fail('ParseError', triple ? 'Parse error in multiline value' : 'Parse error in value');
      return;
    }
    this.#index = read.lastLine ?? this.#index;
    const key = unquote(found.key);
    if (hasEntry(this.#section, key)) {
      this.#fail('DuplicateError', 'Duplicate keyword name');
      return;
    }
    this.#section.scalars.set(key, read.value);
    this.#section.comments.set(key, { before: this.#comments, inline: read.comment });
  }

  #noteIndent(indent: string): void {
    if (indent !== '') this.#indent ??= indent;
  }
}

/**
 * Parses ConfigObj text: nested sections, quotes, lists, triple quotes, comments. Values are as written; see
 * `interpolate` for `%(name)s`. Linear in the length of the text.
 *
 * @throws ConfigError the error found (NestingError, DuplicateError, ParseError), or ConfigObjError with all of them
 *   in `errors` when there are several
 * @see ConfigObj 5.0.8, whose grammar this is
 */
export const parseConfig = (text: string, options: ParseOptions = {}): ConfigDocument =>
  new Parser(text, options).run();
