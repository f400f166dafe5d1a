import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CrdsError } from '../errors.ts';
import { isKind, type PyNode } from '../python/literal.ts';
import { parseSections } from '../python/parse.ts';
import { splitWords, str } from '../python/text.ts';
import { fileSize, isMappingName } from './files.ts';
import type { CacheLayout } from './layout.ts';

const NAMES = ['bad_files.txt', 'server_config'] as const;
const MAX_BYTES = 1 << 24;

const placeOf = ({ path, observatory }: CacheLayout, name: string): string =>
  join(path, 'config', observatory, name);

const textOf = (path: string): string | undefined => {
  const size = fileSize(path);
  return size !== undefined && size <= MAX_BYTES ? readFileSync(path, 'utf8') : undefined;
};

const wordsOf = (node: PyNode | undefined): string[] => {
  if (typeof node === 'string') return splitWords(node);
  return isKind(node, 'list') || isKind(node, 'tuple') ? node.items.map(str) : [];
};

/** What CRDS has saved of its server's settings; a file that is no dictionary says nothing. */
const fromServerConfig = (text: string): string[] => {
  try {
    const config = parseSections(`header = ${text.trim()}\n`).get('header');
    if (!isKind(config, 'dict')) return [];
    return config.entries.flatMap(([key, value]) =>
      key === 'bad_files' || key === 'bad_files_list' ? wordsOf(value) : [],
    );
  } catch (error) {
    if (error instanceof CrdsError) return [];
    throw error;
  }
};

const isTrue = (name: string): boolean => /^(?:1|true|t|yes|y|on)$/i.test(process.env[name] ?? '');

/** Changes with the lists of a cache, and with what the environment says of them. */
export const badFilesStamp = (layout: CacheLayout): string =>
  [
    ...NAMES.map((name) => statSync(placeOf(layout, name), { throwIfNoEntry: false })?.mtimeMs ?? 0),
    isTrue('CRDS_ALLOW_BAD_REFERENCES'),
    isTrue('CRDS_ALLOW_BAD_RULES'),
  ].join(' ');

/**
 * References and mappings that are marked as scientifically invalid in a cache: a name a line in
 * config/<observatory>/bad_files.txt, or `bad_files` of the server_config beside it. CRDS_ALLOW_BAD_REFERENCES and
 * CRDS_ALLOW_BAD_RULES lift it for references and for mappings.
 */
export const badFilesOf = (layout: CacheLayout): ReadonlySet<string> => {
  const [list, config] = NAMES.map((name) => textOf(placeOf(layout, name)));
  const names = [...splitWords(list ?? ''), ...(config === undefined ? [] : fromServerConfig(config))];
  const allowed = { rules: isTrue('CRDS_ALLOW_BAD_RULES'), references: isTrue('CRDS_ALLOW_BAD_REFERENCES') };
  return new Set(names.filter((file) => !(isMappingName(file) ? allowed.rules : allowed.references)));
};
