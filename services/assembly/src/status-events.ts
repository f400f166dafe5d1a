import { randomUUID } from 'node:crypto';
import { publishDurably } from '@iris-drs/bus';
import { statusEventSubject } from '@iris-drs/proto';
import type { JetStreamClient } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';

type Value = string | boolean;

/** A CSW SystemEvent of IRIS.drs on `tmt.drs.<EventName>`, as JSON. */
export const publishStatus = async (
  js: JetStreamClient,
  eventName: string,
  parameters: Readonly<Record<string, Value>>,
): Promise<void> => {
  const eventId = randomUUID();
  const event = {
    _type: 'SystemEvent',
    eventId,
    source: 'IRIS.drs',
    eventName,
    eventTime: new Date().toISOString(),
    paramSet: Object.entries(parameters).map(([keyName, value]) => ({
      [typeof value === 'boolean' ? 'BooleanKey' : 'StringKey']: {
        keyName,
        values: [value],
        units: 'NoUnits',
      },
    })),
  };
  const body = new TextEncoder().encode(JSON.stringify(event));
  await publishDurably(js, statusEventSubject(eventName), body, headers(), { msgId: eventId });
};

/** writeReadout, writeScience, writeReduced of the IRIS ICD: which of the two instruments wrote a file. */
export const publishWritten = (
  js: JetStreamClient,
  eventName: 'writeReadout' | 'writeScience' | 'writeReduced',
  mode: string,
): Promise<void> => publishStatus(js, eventName, { ifs: mode !== 'imager', imager: mode === 'imager' });
