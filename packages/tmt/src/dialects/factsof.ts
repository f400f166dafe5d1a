import { classify } from '../events/classify.ts';
import type { CswEvent } from '../events/model.ts';
import type { ExposureFact } from '../exposures/facts.ts';
import { EXPOSURE_WORDING } from './exposure.ts';
import { SEQUENCE_WORDING } from './sequence.ts';
import { subjectOf } from './subject.ts';
import type { Wording } from './wording.ts';

/**
 * What an event of any of the three dialects (CSW observe events, IRIS master, IRIS draft) says about
 * exposures and the sequence around them. Events are known by name, whoever publishes them. Other events,
 * other instruments' exposures, and events that are not valid say nothing.
 *
 * @throws TmtError when the event names its exposure or observation wrongly
 */
export function factsOf(event: CswEvent): readonly ExposureFact[] {
  if (classify(event) !== 'valid') return [];
  const name = event.eventName.replace(/^ObserveEvent\./i, '').toLowerCase();
  const readings = [EXPOSURE_WORDING, SEQUENCE_WORDING]
    .map((wording: Wording) => (Object.hasOwn(wording, name) ? wording[name]?.(event) : undefined))
    .filter((reading) => reading !== undefined);
  if (readings.length === 0) return [];
  const subject = subjectOf(event);
  if (!subject) return [];
  return readings.map((reading) => ({
    ...subject,
    ...reading,
    source: event.source,
    time: event.eventTime.iso,
  }));
}
