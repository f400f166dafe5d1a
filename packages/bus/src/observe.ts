import { observeSubject } from '@iris-drs/proto';
import { type CswEvent, classify } from '@iris-drs/tmt';
import { jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { type Published, publishDurably } from './publish.ts';

/** Puts a TMT event on the bus as it is: its body verbatim, its id as the message's. */
export const publishEvent = (nc: NatsConnection, event: CswEvent, body: string): Promise<Published> => {
  const js = jetstream(nc, { timeout: 5_000 });
  const hdrs = headers();
  hdrs.set('Content-Type', 'application/json');
  const subject = observeSubject(event.source, event.eventName);
  // CSW gives every invalid event one id: as a message id it would hide all but the first.
  const msgId =
    classify(event) === 'valid' ? event.eventId : `${event.eventId}:${subject}:${event.eventTime.iso}`;
  return publishDurably(js, subject, new TextEncoder().encode(body), hdrs, { msgId });
};
