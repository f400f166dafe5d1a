import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { filesOf, isMappingName, mappingJson } from '@iris-drs/crds';
import { openFile } from '@iris-drs/fits/node';
import { parse } from '../../args.ts';
import { usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { CACHE_FLAGS, type CacheChoice, cacheOf } from './cache.ts';
import { sha1OfFile } from './copy.ts';
import { reasonOf } from './failures.ts';
import { mappingPath, mappingText } from './files.ts';
import { keywordsOf } from './headers.ts';

/** Mappings of the context whose rules name the file. */
const usersOf = async (file: string, choice: CacheChoice): Promise<string[]> => {
  const { references } = await cacheOf(choice).loaded();
  return [...references].flatMap(([name, { selector }]) => (filesOf(selector).has(file) ? [name] : []));
};

const contentOf = async (path: string) => {
  try {
    using fits = await openFile(path);
    const hdus = fits.hdus.map(({ index, name, kind, shape }) => ({ index, name, type: kind, shape }));
    return { hdus, keywords: await keywordsOf(path) };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
};

const showReference = async (name: string, choice: CacheChoice & { json?: boolean | undefined }) => {
  const isPath = /\.(fits|fit|fts|asdf)(\.gz|\.fz)?$/i.test(name) && existsSync(name);
  const path = isPath ? name : await cacheOf(choice).fetch(name);
  const { size } = statSync(path);
  const sha1sum = await sha1OfFile(path);
  const users = isPath ? [] : await usersOf(basename(path), choice);
  const content = await contentOf(path);
  if (choice.json) {
    await print(`${JSON.stringify({ name: basename(path), path, size, sha1sum, users, ...content })}\n`);
    return;
  }
  const lines = [
    `${basename(path)}`,
    `  path      ${path}`,
    `  bytes     ${size}`,
    `  sha1sum   ${sha1sum}`,
    `  named by  ${users.join(', ') || (isPath ? 'not looked up: it was given by its path' : 'no rule of the context')}`,
    ...('problem' in content
      ? [`  content   ${content.problem}`]
      : [
          ...content.hdus.map(
            ({ index, name: hdu, type, shape }) =>
              `  HDU ${String(index).padEnd(4)}  ${hdu || '-'}  ${type}  ${shape.join(' × ') || 'no data'}`,
          ),
          ...Object.entries(content.keywords).map(([keyword, value]) => `  ${keyword.padEnd(8)}  ${value}`),
        ]),
  ];
  await print(`${lines.join('\n')}\n`);
};

/** `drs refs show NAME`: a mapping's text, or as JSON its header and rules; what is known of a reference file. */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(args, CACHE_FLAGS, usage);
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0)
    throw usageError(`one mapping or reference is needed\nusage: drs ${usage}`);
  if (!isMappingName(name)) {
    await showReference(name, values);
    return 0;
  }
  const path = mappingPath(name, values);
  const text = mappingText(path);
  if (!values.json) await print(text.endsWith('\n') ? text : `${text}\n`);
  else {
    const sections = mappingJson(text, basename(path));
    await print(`${JSON.stringify({ name: basename(path), path, ...sections })}\n`);
  }
  return 0;
};
