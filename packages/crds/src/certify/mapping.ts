import { basename } from 'node:path';
import { REFERENCE_TYPES } from '../cache/build.ts';
import { assertSafeName } from '../cache/files.ts';
import { specialAnswer } from '../choose.ts';
import { entryOf } from '../derive/document.ts';
import { overlapped } from '../derive/overlap.ts';
import { CrdsError, MappingFormatError } from '../errors.ts';
import { filesOf } from '../files.ts';
import { type Mapping, parseMapping, type ReferenceMapping } from '../mapping.ts';
import { isKind, type PyCall, type PyNode } from '../python/literal.ts';
import { parseSections } from '../python/parse.ts';
import { repr, str, tupleRepr } from '../python/text.ts';
import { conditionKey } from '../selectors/conditionKey.ts';
import { DateError, reformatDate } from '../timestamp.ts';
import type { CertifyFinding } from './rule.ts';
import { certifiedTypes } from './rules/index.ts';

/** Rules of a Match up to which each pair is compared. */
const MAX_COMPARED = 1500;
/** Findings of one kind that are told. */
const MAX_TOLD = 5;

/** Instruments of TMT's observatory that mappings may be for; other observatories are not judged. */
const TMT_INSTRUMENTS = new Set(['iris', 'modhis', 'wfos']);

interface Report {
  readonly findings: CertifyFinding[];
  error(message: string, more?: Partial<CertifyFinding>): void;
  warn(message: string, more?: Partial<CertifyFinding>): void;
}

const reportFor = (file: string): Report => {
  const findings: CertifyFinding[] = [];
  const told = new Map<string, number>();
  const add = (
    severity: CertifyFinding['severity'],
    message: string,
    more: Partial<CertifyFinding>,
  ): void => {
    const kind = `${severity} ${message.split(' ').slice(0, 2).join(' ')}`;
    const count = (told.get(kind) ?? 0) + 1;
    told.set(kind, count);
    if (count <= MAX_TOLD) findings.push({ severity, file, message, ...more });
  };
  return {
    findings,
    error: (message, more = {}) => add('error', message, more),
    warn: (message, more = {}) => add('warning', message, more),
  };
};

const errorOf = (error: unknown): { message: string; line?: number } => {
  if (!(error instanceof CrdsError)) throw error;
  return error instanceof MappingFormatError
    ? { message: error.message, line: error.line }
    : { message: error.message };
};

const checkDates = (call: PyCall, report: Report): void => {
  for (const [key, value] of call.entries) {
    if (isKind(value, 'call')) checkDates(value, report);
    if (call.name !== 'UseAfter' && call.name !== 'ClosestTime') continue;
    const text = str(key);
    try {
      const date = reformatDate(text);
      if (date !== text)
        report.error(
          `${call.name} key '${text}' is written ${date} by CRDS and would be compared wrongly as text; write it so`,
          { line: call.line },
        );
    } catch (error) {
      if (!(error instanceof DateError)) throw error;
      report.error(`${call.name} key '${text}' is no date; write YYYY-MM-DD HH:MM:SS`, { line: call.line });
    }
  }
};

/** Files named twice by the dates of one rule: the later date changes nothing. */
const checkRepeatedFiles = (call: PyCall, report: Report): void => {
  const seen = new Set<string>();
  for (const [, value] of call.entries) {
    if (isKind(value, 'call')) checkRepeatedFiles(value, report);
    if (typeof value !== 'string' || call.name !== 'UseAfter' || specialAnswer(value, '', '')) continue;
    if (seen.has(value))
      report.warn(`one rule names ${value} for several dates; the first alone would do`, { line: call.line });
    seen.add(value);
  }
};

const checkOverlaps = (mapping: ReferenceMapping, report: Report): void => {
  const { rules, parkey } = mapping;
  if (rules.name !== 'Match' || (parkey[0]?.length ?? 0) === 0 || rules.entries.length > MAX_COMPARED) return;
  const keys = rules.entries.map(([key]) => conditionKey(key));
  for (const key of keys) {
    const wider = overlapped(key, keys);
    if (wider === undefined) continue;
    report.warn(
      `rule ${tupleRepr(key)} is a special case of ${tupleRepr(wider)} and counts as much: both answer, and are merged`,
    );
  }
};

const checkRules = (mapping: ReferenceMapping, header: PyNode | undefined, report: Report): void => {
  checkDates(mapping.rules, report);
  checkRepeatedFiles(mapping.rules, report);
  checkOverlaps(mapping, report);
  for (const file of filesOf(mapping.selector)) {
    try {
      assertSafeName(file);
    } catch (error) {
      report.error(errorOf(error).message);
    }
  }
  if (filesOf(mapping.selector).size === 0) report.warn('no rule names a file');
  if (mapping.hooks.length > 0) {
    report.warn(
      `hooks ${mapping.hooks.join(', ')} are plug-ins of CRDS that do not exist here; the type answers with an error`,
    );
  }
  const translations = isKind(header, 'dict') ? entryOf(header, 'reference_to_dataset') : undefined;
  for (const [from, to] of isKind(translations, 'dict') ? translations.entries : []) {
    if (mapping.parameters.includes(str(to).toUpperCase())) continue;
    report.error(`reference_to_dataset turns ${str(from)} into ${str(to)}, which is no parameter of parkey`);
  }
};

const checkNames = (mapping: Mapping, report: Report): void => {
  if (mapping.observatory !== 'tmt' || mapping.kind === 'pipeline') return;
  if (!TMT_INSTRUMENTS.has(mapping.instrument))
    report.error(
      `unknown instrument ${repr(mapping.instrument)}; TMT has ${[...TMT_INSTRUMENTS].join(', ')}`,
    );
  const types = mapping.kind === 'reference' ? [mapping.filekind] : [...mapping.types.keys()];
  const known = new Set([...REFERENCE_TYPES, ...certifiedTypes()]);
  for (const type of types) {
    if (!known.has(type) && !type.startsWith('pars-')) report.warn(`unknown reference type ${repr(type)}`);
  }
};

/** Files that a .pmap or .imap names, and what each must say of itself. */
const checkBelow = (
  mapping: Mapping,
  report: Report,
  above: readonly string[],
  read: (file: string) => string,
): void => {
  if (mapping.kind === 'reference') return;
  const [names, extension] =
    mapping.kind === 'pipeline' ? [mapping.instruments, '.imap'] : [mapping.types, '.rmap'];
  for (const [key, file] of names) {
    if (specialAnswer(file, '', '')) continue;
    if (!file.endsWith(extension)) {
      report.error(
        `${key} names ${file}; ${mapping.kind === 'pipeline' ? 'a .pmap' : 'an .imap'} names ${extension} files`,
      );
      continue;
    }
    if (above.includes(file)) {
      report.error(`${file} leads back to itself: ${[...above, file].join(' → ')}`);
      continue;
    }
    let text: string;
    try {
      assertSafeName(file);
      text = read(file);
    } catch (error) {
      report.error(`${key} names ${file}: ${errorOf(error).message}`);
      continue;
    }
    const below = certify(text, file, [...above, file], read);
    report.findings.push(...below.findings);
    const own = below.mapping;
    if (!own) continue;
    const fault = (what: string, found: string, expected: string) =>
      report.error(
        `${key} names ${file}, which is for the ${what} ${repr(found)}; expected ${repr(expected)}`,
      );
    if (own.observatory !== mapping.observatory) fault('observatory', own.observatory, mapping.observatory);
    if (own.kind === 'instrument' && own.instrument !== key) fault('instrument', own.instrument, key);
    if (own.kind === 'reference' && mapping.kind === 'instrument') {
      if (own.instrument !== mapping.instrument) fault('instrument', own.instrument, mapping.instrument);
      if (own.filekind !== key) fault('type', own.filekind, key);
    }
  }
};

const certify = (
  text: string,
  file: string,
  above: readonly string[],
  read: ((file: string) => string) | undefined,
): { findings: CertifyFinding[]; mapping?: Mapping } => {
  const report = reportFor(file);
  if (text.includes('\ufffd')) report.error('the file is not UTF-8');
  let mapping: Mapping;
  let header: PyNode | undefined;
  try {
    const repeated = (key: PyNode, line: number) =>
      report.error(`key ${repr(key)} stands twice in one dictionary; the first is lost`, { line });
    header = parseSections(text, file, repeated).get('header');
    mapping = parseMapping(text, file, { ignoreChecksum: true });
  } catch (error) {
    const { message, line } = errorOf(error);
    report.error(message, line === undefined ? {} : { line });
    return { findings: report.findings };
  }
  try {
    parseMapping(text, file);
  } catch (error) {
    report.error(errorOf(error).message, { keyword: 'sha1sum' });
  }
  const name = isKind(header, 'dict') ? entryOf(header, 'name') : undefined;
  if (typeof name === 'string' && basename(name) !== file) {
    report.warn(`the header gives its name as ${name}`, { keyword: 'name', found: name, expected: file });
  }
  checkNames(mapping, report);
  if (mapping.kind === 'reference') checkRules(mapping, header, report);
  if (read) checkBelow(mapping, report, above, read);
  return { findings: report.findings, mapping };
};

/**
 * Faults of a mapping file and, with `read`, of all mappings below it: syntax, header, checksum, rules, what the files
 * say of themselves. Nothing in a mapping is evaluated.
 *
 * @param text  the file
 * @param file  its name
 * @param read  text of another mapping; throws CrdsError when there is none
 * @returns none when nothing is wrong
 */
export const certifyMapping = (
  text: string,
  file: string,
  read?: (file: string) => string,
): CertifyFinding[] => certify(text, file, [file], read).findings;
