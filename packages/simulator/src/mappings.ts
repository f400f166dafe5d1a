import { createHash } from 'node:crypto';
import type { ReferenceType } from './reference.ts';

/** Name of the context that a simulated cache holds. */
export const CONTEXT = 'tmt_0001.pmap';
const INSTRUMENT_CONTEXT = 'tmt_iris_0001.imap';

/** Keys by which each type is looked up, after TMT's own mappings (tmt-crds-cache). */
const MATCH_KEYS: Readonly<Record<ReferenceType, readonly string[]>> = {
  dark: ['META.INSTRUMENT.DETECTOR', 'META.SUBARRAY.NAME'],
  flat: ['META.INSTRUMENT.DETECTOR', 'META.INSTRUMENT.FILTER', 'META.INSTRUMENT.PUPIL'],
  gain: ['META.INSTRUMENT.DETECTOR', 'META.SUBARRAY.NAME'],
  linearity: ['META.INSTRUMENT.DETECTOR'],
  mask: ['META.INSTRUMENT.DETECTOR', 'META.SUBARRAY.NAME'],
  nonlincoeff: ['META.INSTRUMENT.DETECTOR'],
  rampdark: ['META.INSTRUMENT.DETECTOR', 'META.SUBARRAY.NAME'],
  readnoise: ['META.INSTRUMENT.DETECTOR', 'META.SUBARRAY.NAME'],
  saturation: ['META.INSTRUMENT.DETECTOR', 'META.SUBARRAY.NAME'],
  superbias: ['META.INSTRUMENT.DETECTOR', 'META.SUBARRAY.NAME'],
};

/** One file and what it is for. */
export interface MappedReference {
  readonly detector: string;
  readonly file: string;
  /** Of flats. */
  readonly filter: string;
  readonly pupil: string;
}

export interface Mapping {
  readonly name: string;
  readonly text: string;
}

const quoted = (text: string): string => `'${text}'`;
const tuple = (items: readonly string[]): string =>
  items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;

/** A mapping's text: keys sorted, four blanks of indent, and the checksum of all lines but its own. */
function mapping(header: Readonly<Record<string, string>>, selector: string): Mapping {
  const lines = Object.entries({ ...header, sha1sum: "''" })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `    '${key}' : ${value},\n`);
  const text = `header = {\n${lines.join('')}}\n\nselector = ${selector}\n`;
  const content = text
    .split(/(?<=\n)/)
    .filter((line) => !line.includes('sha1sum'))
    .join('');
  const sum = createHash('sha1').update(content, 'utf8').digest('hex');
  return {
    name: header.name!.slice(1, -1),
    text: text.replace("'sha1sum' : ''", `'sha1sum' : '${sum}'`),
  };
}

const dictionary = (entries: readonly (readonly [string, string])[]): string =>
  `{\n${[...entries]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `    '${key}' : ${value},\n`)
    .join('')}}`;

const reference = (type: ReferenceType): string => `tmt_iris_${type}_0001.rmap`;

function rules(type: ReferenceType, files: readonly MappedReference[], useAfter: string): string {
  const clauses = files.flatMap(({ detector, file, filter, pupil }) => {
    const values: Readonly<Record<string, readonly string[]>> = {
      'META.INSTRUMENT.DETECTOR': [detector],
      'META.INSTRUMENT.FILTER': [filter],
      'META.INSTRUMENT.PUPIL': [pupil],
      // A mask is of the whole detector, whatever part of it is read.
      'META.SUBARRAY.NAME': type === 'mask' ? ['GENERIC'] : ['CUSTOM', 'FULL'],
    };
    const keys = MATCH_KEYS[type].reduce<string[][]>(
      (made, key) => made.flatMap((before) => values[key]!.map((value) => [...before, quoted(value)])),
      [[]],
    );
    return keys.map((key) => {
      const match = key.length === 1 ? key[0]! : tuple(key);
      return `    ${match} : UseAfter({\n        '${useAfter}' : '${file}',\n    }),\n`;
    });
  });
  return `Match({\n${clauses.sort().join('')}})`;
}

function referenceMapping(type: ReferenceType, files: readonly MappedReference[], useAfter: string): Mapping {
  const keys = MATCH_KEYS[type];
  const substitutions = `{\n        'META.SUBARRAY.NAME' : {\n            'GENERIC' : 'N/A',\n        },\n    }`;
  return mapping(
    {
      classes: "('Match', 'UseAfter')",
      derived_from: "'NONE'",
      filekind: quoted(type.toUpperCase()),
      instrument: "'IRIS'",
      mapping: "'REFERENCE'",
      name: quoted(reference(type)),
      observatory: "'TMT'",
      parkey: `(${tuple(keys.map(quoted))}, ('META.OBSERVATION.DATE', 'META.OBSERVATION.TIME'))`,
      ...(keys.includes('META.SUBARRAY.NAME') ? { substitutions } : {}),
    },
    rules(type, files, useAfter),
  );
}

/**
 * The mappings of a cache in the form of TMT's own: one .pmap, one .imap, an .rmap for each type.
 *
 * @param useAfter  'YYYY-MM-DD HH:MM:SS' from which the files hold
 */
export function contextMappings(
  files: ReadonlyMap<ReferenceType, readonly MappedReference[]>,
  useAfter: string,
): Mapping[] {
  const types = [...files.keys()];
  const context = mapping(
    {
      derived_from: "''",
      description: "'references of a simulated IRIS'",
      mapping: "'PIPELINE'",
      name: quoted(CONTEXT),
      observatory: "'TMT'",
      parkey: "('META.INSTRUMENT.NAME',)",
    },
    dictionary([['IRIS', quoted(INSTRUMENT_CONTEXT)]]),
  );
  const instrument = mapping(
    {
      derived_from: "''",
      instrument: "'IRIS'",
      mapping: "'INSTRUMENT'",
      name: quoted(INSTRUMENT_CONTEXT),
      observatory: "'TMT'",
      parkey: "('REFTYPE',)",
    },
    dictionary([
      ['DFLAT', "'N/A'"],
      ...types.map((type) => [type.toUpperCase(), quoted(reference(type))] as const),
    ]),
  );
  return [context, instrument, ...types.map((type) => referenceMapping(type, files.get(type)!, useAfter))];
}
