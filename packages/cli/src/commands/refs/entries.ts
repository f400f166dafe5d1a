import type { HistoryEntry } from '@iris-drs/crds';
import type { HistoryEntry as Message } from '@iris-drs/proto';
import { CliError } from '../../errors.ts';

/** An entry of the history as the service sends it, in the form of the library. */
export const entryOfMessage = ({ time, references, changes, action, ...entry }: Message): HistoryEntry => ({
  ...entry,
  action: action as HistoryEntry['action'],
  time: time?.toISOString() ?? '',
  references: references.map(({ referenceType: type, ...file }) => ({ type, ...file })),
  changes: changes.map(({ referenceType: type, mapping: rmap, replaced, action: what, file, key }) => ({
    ...{ type, rmap, file, key },
    action: what as HistoryEntry['changes'][number]['action'],
    ...(replaced === '' ? {} : { replaced }),
  })),
});

/** The entry that a change was answered with. @throws CliError 1 for none */
export const receivedEntry = ({ entry }: { readonly entry?: Message | undefined }): HistoryEntry => {
  if (entry) return entryOfMessage(entry);
  throw new CliError(1, 'the reference service did not say what it did');
};

/** An entry of the history for people. */
export const entryText = (entry: HistoryEntry): string => {
  const { serial, time, action, by, why, from, to, references, changes, undoes } = entry;
  const what = action === 'rollback' ? `rollback of ${undoes}` : action;
  const lines = [
    `${String(serial).padStart(5)}  ${time}  ${what}  ${from === '' ? '' : `${from} → `}${to}`,
    `       by ${by}: ${why.replace(/\s*\n\s*/g, ' ')}`,
    ...references.map(({ file, type, sha1 }) => `       ${type}  ${file}  ${sha1}`),
    ...changes.map(
      ({ action: done, file, rmap, key, replaced }) =>
        `       ${rmap}: ${done} ${file}${replaced === undefined ? '' : ` in the place of ${replaced}`} under ${key.join(', ')}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
};
