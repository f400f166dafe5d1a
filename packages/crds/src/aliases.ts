import { conditionValue } from './condition.ts';

/**
 * Spellings that mean the same, by CRDS parameter name: a rule written with one of a group matches a header with
 * any other of it. CRDS itself knows no such thing; without a table the rules mean exactly what they say.
 */
export type Aliases = Readonly<Record<string, readonly (readonly string[])[]>>;

const DETECTORS = [
  ['IMG1', 'IRIS1'],
  ['IMG2', 'IRIS2'],
  ['IMG3', 'IRIS3'],
  ['IMG4', 'IRIS4'],
  ['IFS', 'IFU', 'SLC', 'LEN'],
];

/** Detector names of IRIS: those of the exposure ids, of the existing CRDS rules (IRIS1) of liger_iris (IFU), of readout headers (SLC, LEN). */
export const IRIS_ALIASES: Aliases = { 'META.INSTRUMENT.DETECTOR': DETECTORS, DETECTOR: DETECTORS };

/** All spellings of a value of a parameter, the value itself first. */
export const spellingsOf = (
  aliases: Aliases,
): ((parameter: string) => (value: string) => readonly string[]) => {
  const tables = new Map<string, Map<string, readonly string[]>>();
  for (const [parameter, groups] of Object.entries(aliases)) {
    const table = new Map<string, readonly string[]>();
    for (const group of groups) {
      const values = group.map(conditionValue);
      for (const value of values) table.set(value, [value, ...values.filter((other) => other !== value)]);
    }
    tables.set(parameter.toUpperCase(), table);
  }
  return (parameter) => {
    const table = tables.get(parameter.toUpperCase());
    return table ? (value) => table.get(value) ?? [value] : (value) => [value];
  };
};
