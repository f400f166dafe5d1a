import type { CswEvent } from '../events/model.ts';
import type { ExposureFact } from '../exposures/facts.ts';

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/** A fact without what every fact carries. */
export type Reading = Without<
  ExposureFact,
  'exposureId' | 'composedId' | 'obsId' | 'detector' | 'source' | 'time'
>;

/** Readers of events by their name, in lower case and without `ObserveEvent.`. */
export type Wording = Readonly<Record<string, (event: CswEvent) => Reading | undefined>>;
