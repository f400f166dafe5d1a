import { ConfigError } from './errors.ts';
import type { ConfigDocument } from './parse.ts';
import type { ConfigSection, ConfigValue, EntryComments } from './section.ts';
import { floatText, isSpaceAt, strip } from './text.ts';

/** Where a text stands: as a value, in a list, or as the name of a key or a section. */
type Place = 'value' | 'item' | 'name';

const unquotable = (text: string): never => {
  throw new ConfigError('ConfigObjError', `Value "${text}" cannot be safely quoted.`);
};

const singleQuoted = (text: string): string => {
  if (text.includes("'") && text.includes('"')) unquotable(text);
  return text.includes('"') ? `'${text}'` : `"${text}"`;
};

/** The quotes that the text does not hold, where ConfigObj's own writer may take the others and lose it. */
const tripleQuoted = (text: string): string => {
  if (!text.includes("'''")) return `'''${text}'''`;
  return text.includes('"""') ? unquotable(text) : `"""${text}"""`;
};

const isBare = (text: string, place: Place): boolean => {
  const ends = [0, text.length - 1];
  if (ends.some((at) => isSpaceAt(text, at) || text[at] === "'" || text[at] === '"')) return false;
  return !(place === 'name' ? /[,#=[\]]/ : /[,#]/).test(text);
};

/** Quotes only where the text would otherwise be read as something else. */
const quoted = (text: string, place: Place): string => {
  if (text === '') return '""';
  const mixed = text.includes("'") && text.includes('"');
  if (place === 'value' && (mixed || text.includes('\n'))) return tripleQuoted(text);
  if (text.includes('\n')) return unquotable(text);
  return isBare(text, place) ? text : singleQuoted(text);
};

/** As Python's `str` writes it. */
const plainText = (value: Exclude<ConfigValue, readonly ConfigValue[]>): string => {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null) return 'None';
  return typeof value === 'number' && !Number.isInteger(value) ? floatText(value) : String(value);
};

const isList = (value: ConfigValue): value is readonly ConfigValue[] => Array.isArray(value);

const flat = (value: ConfigValue): string =>
  isList(value) ? `[${value.map(flat).join(', ')}]` : plainText(value);

/**
 * One value as it stands behind `=`: a list of one item ends in a comma, an empty list is a comma.
 * @throws ConfigError ConfigObjError for a text that no kind of quotes can hold
 */
export const formatValue = (value: ConfigValue): string => {
  if (!isList(value)) return quoted(plainText(value), 'value');
  if (value.length === 0) return ',';
  const items = value.map((item) => quoted(flat(item), 'item')).join(', ');
  return value.length === 1 ? `${items},` : items;
};

const commentLines = (lines: readonly string[], margin: string | undefined): string[] =>
  lines.map((line) => {
    const text = margin === undefined ? line : line.trimStart();
    const content = strip(text);
    return (margin ?? '') + (content === '' || content.startsWith('#') ? text : `# ${text}`);
  });

/** An inline comment that holds quotes could be read as part of the value: it moves to a line of its own. */
const commentsOf = (
  comments: EntryComments | undefined,
  margin: string,
): { before: string[]; inline: string } => {
  const text = comments?.inline ?? '';
  const [inline = ''] = text === '' ? [] : commentLines([text], '');
  const above = /["']/.test(inline);
  return {
    before: commentLines([...(comments?.before ?? []), ...(above ? [inline] : [])], margin),
    inline: inline === '' || above ? '' : ` ${inline}`,
  };
};

const sectionLines = (section: ConfigSection, indent: string): string[] => {
  const margin = indent.repeat(section.depth);
  const lines: string[] = [];
  for (const [key, value] of section.scalars) {
    const { before, inline } = commentsOf(section.comments.get(key), margin);
    lines.push(...before, `${margin}${quoted(key, 'name')} = ${formatValue(value)}${inline}`);
  }
  for (const [key, inner] of section.sections) {
    const { before, inline } = commentsOf(section.comments.get(key), margin);
    const marker = `${'['.repeat(inner.depth)}${quoted(key, 'name')}${']'.repeat(inner.depth)}`;
    lines.push(...before, `${margin}${marker}${inline}`, ...sectionLines(inner, indent));
  }
  return lines;
};

/**
 * The text of a configuration, comments kept, that reads back as the same values; without a final line end.
 * @throws ConfigError ConfigObjError for a text that no kind of quotes can hold
 */
export const formatConfig = (document: Pick<ConfigDocument, 'root'> & Partial<ConfigDocument>): string =>
  [
    ...commentLines(document.initialComment ?? [], undefined),
    ...sectionLines(document.root, document.indent ?? '    '),
    ...commentLines(document.finalComment ?? [], undefined),
  ].join('\n');
