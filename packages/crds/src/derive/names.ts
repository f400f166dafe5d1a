import { CrdsError } from '../errors.ts';

const NUMBERED = /^(.*?)_(\d{1,9})(\.[pir]map)$/;
const PLAIN = /^(.*)(\.[pir]map)$/;

/**
 * Name of the next mapping in a series: `tmt_iris_dark_0001.rmap` → `tmt_iris_dark_0002.rmap`, or the first after it
 * that is free; a name without a number starts with 0001.
 *
 * @param taken  true for names that exist or have ever existed
 * @throws CrdsError MappingInsertionError for what is no mapping's name
 */
export const nextName = (name: string, taken: (name: string) => boolean): string => {
  const numbered = NUMBERED.exec(name);
  const plain = PLAIN.exec(name);
  if (!plain) throw new CrdsError('MappingInsertionError', `${name} is no name of a mapping`, { file: name });
  const [base, extension] = numbered ? [numbered[1]!, numbered[3]!] : [plain[1]!, plain[2]!];
  const digits = Math.max(4, numbered?.[2]?.length ?? 0);
  for (let number = Number(numbered?.[2] ?? 0) + 1; ; number++) {
    const next = `${base}_${String(number).padStart(digits, '0')}${extension}`;
    if (!taken(next)) return next;
  }
};
