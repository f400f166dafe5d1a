import { type ObservationItem, type ObservationOptions, simulateObservation } from '@iris-drs/simulator';

export type FileItem = Extract<ObservationItem, { kind: 'file' }>;
export type EventItem = Extract<ObservationItem, { kind: 'event' }>;

export interface Simulated {
  readonly files: readonly FileItem[];
  readonly events: readonly EventItem[];
}

/** Makes the files of an observation and its events, telling how far it is. */
export const simulate = async (
  options: Omit<ObservationOptions, 'onProgress'>,
  say: (line: string) => void,
): Promise<Simulated> => {
  const files: FileItem[] = [];
  const events: EventItem[] = [];
  let shown = '';
  const items = simulateObservation({
    ...options,
    onProgress: ({ stage, exposureId, detector, fraction }) => {
      const what = stage === 'references' ? 'references' : `${exposureId} ${detector}`;
      const line = `  ${what} ${Math.floor(fraction * 4) * 25} %`;
      if (line !== shown) say(line);
      shown = line;
    },
  });
  for await (const item of items) {
    if (item.kind === 'file') files.push(item);
    if (item.kind === 'event') events.push(item);
  }
  return { files, events };
};
