import type { CswEvent } from './model.ts';

/**
 * What an event is worth: `invalid` is CSW's answer for a key that was never published, `bad` its stand-in
 * for an event it could not decode, `warmup` a publisher's first sign of life. Only `valid` ones say anything.
 * Source: tmtsoftware/csw, `Event.invalidEvent`, `Event.badEvent`, csw-event-client.
 */
export type EventClass = 'valid' | 'invalid' | 'bad' | 'warmup';

export function classify(event: CswEvent): EventClass {
  if (event.eventId === '-1') return 'invalid';
  const key = `${event.source}.${event.eventName}`.toLowerCase();
  if (key === 'csw.parse.fail') return 'bad';
  if (key === 'csw.first.event.init') return 'warmup';
  return 'valid';
}
