import { mappingChecksum } from '../checksum.ts';
import { MappingFormatError } from '../errors.ts';
import {
  isKind,
  type PyCall,
  type PyDict,
  type PyEntry,
  type PyLiteral,
  type PyNode,
} from '../python/literal.ts';
import { parseSections } from '../python/parse.ts';
import { repr, str } from '../python/text.ts';

/** A mapping file taken apart, to be written again with changes. Values are as in the file. */
export interface MappingDocument {
  readonly header: PyDict;
  readonly comment?: string;
  readonly selector: PyDict | PyCall;
}

/** @throws MappingFormatError */
export const parseDocument = (text: string, file: string): MappingDocument => {
  const sections = parseSections(text, file);
  const [header, selector, comment] = ['header', 'selector', 'comment'].map((name) => sections.get(name));
  if (!isKind(header, 'dict') || !(isKind(selector, 'dict') || isKind(selector, 'call'))) {
    throw new MappingFormatError('it has no header = {…} and selector = …', 1, file);
  }
  return { header, selector, ...(typeof comment === 'string' ? { comment } : {}) };
};

export const entryOf = (dict: PyDict, name: string): PyNode | undefined =>
  dict.entries.find(([key]) => key === name)?.[1];

/** The dictionary with one value set; a new key comes last. */
export const withEntry = (dict: PyDict, name: string, value: PyNode): PyDict => {
  const at = dict.entries.findIndex(([key]) => key === name);
  const entry: PyEntry = [name, value];
  return { kind: 'dict', entries: at < 0 ? [...dict.entries, entry] : dict.entries.with(at, entry) };
};

const sortText = (key: PyLiteral): string[] => (isKind(key, 'tuple') ? key.items.map(str) : [str(key)]);

const byKey = ([a]: PyEntry, [b]: PyEntry): number => {
  const [x, y] = [sortText(a), sortText(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! < y[i]! ? -1 : 1;
  return x.length - y.length;
};

/** Only dictionaries in dictionaries and selectors in selectors have lines of their own, as CRDS writes them. */
const render = (value: PyDict | PyCall, indent = ''): string => {
  const inner = `${indent}    `;
  const lines = [...value.entries].sort(byKey).map(([key, item]) => {
    const deeper = isKind(item, 'call') || (isKind(item, 'dict') && value.kind === 'dict');
    return `${inner}${repr(key)} : ${deeper ? render(item, inner) : repr(item)},\n`;
  });
  const body = `{\n${lines.join('')}${indent}}`;
  return value.kind === 'call' ? `${value.name}(${body})` : body;
};

/** Backslashes and what would end the string early. */
const commentText = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"""', '\\"""').replace(/"$/, '\\"');

const compose = ({ header, comment, selector }: MappingDocument, sha1sum: string): string => {
  const parts = [`header = ${render(withEntry(header, 'sha1sum', sha1sum))}\n`];
  if (comment) parts.push(`comment = """${commentText(comment)}"""\n`);
  parts.push(`selector = ${render(selector)}\n`);
  return parts.join('\n');
};

/**
 * The text of a mapping file in the layout of `crds checksum`, with its sha1sum. As with CRDS, `#` comments are lost
 * and keys are sorted.
 */
export const documentText = (document: MappingDocument): string =>
  compose(document, mappingChecksum(compose(document, '')));
