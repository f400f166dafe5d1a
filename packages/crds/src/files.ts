import { type Choice, isSelector } from './selectors/selector.ts';

const SPECIAL = new Set(['N/A', 'TEMP_N/A', 'OMIT', 'TEMP_OMIT']);

/** Every reference file that rules can answer. */
export const filesOf = (choice: Choice): Set<string> => {
  const files = new Set<string>();
  const collect = (node: Choice): void => {
    if (typeof node === 'string') {
      if (!SPECIAL.has(node.toUpperCase())) files.add(node);
    } else if (typeof node !== 'object' || node === null) return;
    else if (isSelector(node)) node.choices.forEach(collect);
    else if (node.kind === 'dict') for (const [, value] of node.entries) collect(value as Choice);
    else for (const item of node.items) collect(item as Choice);
  };
  collect(choice);
  return files;
};
