import { type ConfigSpec, type KnownClass, specHelp, stepSections } from '@iris-drs/stpipe';
import { FLAGS, SETTINGS } from './arguments.ts';

const lines = (entries: readonly (readonly [name: string, help: string])[]): string[] => {
  const width = Math.min(34, Math.max(...entries.map(([name]) => name.length)));
  return entries.map(([name, help]) =>
    name.length <= width
      ? `  ${name.padEnd(width)}  ${help}`.trimEnd()
      : `  ${name}\n  ${' '.repeat(width)}  ${help}`.trimEnd(),
  );
};

/** What `--help` prints of a class: every option of its spec with its default. */
export const classHelp = (known: KnownClass, spec: ConfigSpec): string => {
  const fixed = [
    ...Object.entries(FLAGS).map(([name, help]) => [`--${name}`, help] as const),
    ...Object.entries(SETTINGS).map(([name, help]) => [`--${name} VALUE`, help] as const),
  ];
  const own = specHelp(spec).map(({ name, help }) => [`--${name}`, help] as const);
  return [
    `usage: drs run ${known.fullName} [options] [files]`,
    '',
    ...(known.steps ? [`steps: ${Object.keys(stepSections(known)).join(', ')}`, ''] : []),
    'options of the command:',
    ...lines(fixed),
    '',
    `options of ${known.className}, with their defaults:`,
    ...lines(own),
    '',
  ].join('\n');
};
