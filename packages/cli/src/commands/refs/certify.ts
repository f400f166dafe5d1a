import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type CertifyFinding, certifyMapping, certifyReference, isMappingName } from '@iris-drs/crds';
import { parse } from '../../args.ts';
import { usageError } from '../../errors.ts';
import { print } from '../fits/files.ts';
import { CACHE_FLAGS, type CacheChoice, cacheOf } from './cache.ts';
import { forEachNamed } from './failures.ts';
import { mappingPath, mappingText } from './files.ts';

const many = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const place = ({ hdu, keyword, column, line }: CertifyFinding): string =>
  [
    ...(hdu === undefined ? [] : [`HDU ${hdu}`]),
    ...(keyword === undefined ? [] : [keyword]),
    ...(column === undefined ? [] : [`column ${column}`]),
    ...(line === undefined ? [] : [`line ${line}`]),
  ].join(', ');

/** A finding in one line, with its file where that is another than the one that was asked about. */
export const findingText = (finding: CertifyFinding, asked = ''): string => {
  const other = asked === '' || basename(asked) === basename(finding.file) ? '' : finding.file;
  // Errors of parsing begin with their place.
  const isPlaced = finding.message.startsWith(`${finding.file}, line `);
  const where = isPlaced ? '' : [other, place(finding)].filter((part) => part !== '').join(', ');
  return `  ${finding.severity.padEnd(7)}  ${where === '' ? '' : `${where}: `}${finding.message}\n`;
};

const certify = async (
  name: string,
  type: string | undefined,
  choice: CacheChoice & { readonly recurses: boolean },
): Promise<CertifyFinding[]> => {
  if (!isMappingName(name)) {
    const path = name.includes('/') || existsSync(name) ? name : await cacheOf(choice).fetch(name);
    return certifyReference(path, type);
  }
  const path = mappingPath(name, choice);
  const other = (file: string): string => {
    const beside = join(dirname(path), basename(file));
    return mappingText(existsSync(beside) ? beside : mappingPath(basename(file), choice));
  };
  return certifyMapping(mappingText(path), basename(path), choice.recurses ? other : undefined);
};

/** `drs refs certify FILE…`: what is wrong with references and mappings. Exit code 1 when there are errors. */
export const run = async (args: readonly string[], usage: string): Promise<number> => {
  const { values, positionals } = parse(
    args,
    { ...CACHE_FLAGS, type: { type: 'string' }, 'dont-recurse-mappings': { type: 'boolean' } },
    usage,
  );
  if (positionals.length === 0) throw usageError(`a reference or mapping is needed\nusage: drs ${usage}`);
  const recurses = !values['dont-recurse-mappings'];
  return forEachNamed(positionals, async (file) => {
    const findings = await certify(file, values.type?.toLowerCase(), { ...values, recurses });
    const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
    const [errors, warnings] = [count('error'), count('warning')];
    if (values.json) await print(`${JSON.stringify({ file, passed: errors === 0, findings })}\n`);
    else {
      const verdict = `${many(errors, 'error')}, ${many(warnings, 'warning')}`;
      await print(`${file}: ${verdict}\n${findings.map((finding) => findingText(finding, file)).join('')}`);
    }
    return errors === 0;
  });
};
