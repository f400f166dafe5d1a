import { createHash, randomUUID } from 'node:crypto';
import { publishDurably } from '@iris-drs/bus';
import { statusEventSubject } from '@iris-drs/proto';
import type { JetStreamClient } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';

/** A parameter by its CSW key type. */
type Parameter =
  | { readonly type: 'StringKey' | 'ChoiceKey'; readonly value: string }
  | { readonly type: 'BooleanKey'; readonly value: boolean }
  | { readonly type: 'IntKey'; readonly value: number };

export const text = (value: string): Parameter => ({ type: 'StringKey', value });
export const choice = (value: string): Parameter => ({ type: 'ChoiceKey', value });
export const integer = (value: number): Parameter => ({ type: 'IntKey', value });
const flag = (value: boolean): Parameter => ({ type: 'BooleanKey', value });

/** An id that the same occurrence has whenever it is published, in the form of a UUID (version 8). */
const eventIdOf = (occurrence: string): string => {
  const hex = createHash('sha256').update(occurrence).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** Status events of IRIS.drs (IRIS ICD): CSW SystemEvents on `tmt.drs.<EventName>`, as JSON. */
export interface StatusEvents {
  /** State of command handling: CONTINUOUS while any pipeline follows exposures, READY when all are held. */
  state(cmd: 'READY' | 'CONTINUOUS'): Promise<void>;
  cmdStatus(parameters: Readonly<Record<string, Parameter>>): Promise<void>;
  /** Which of the two instruments wrote a file; the same occurrence is one event however often it is published. */
  written(
    eventName: 'writeReadout' | 'writeScience' | 'writeReduced',
    mode: string,
    occurrence: string,
  ): Promise<void>;
}

export const statusEvents = (js: JetStreamClient, signal: AbortSignal): StatusEvents => {
  const publish = async (
    eventName: string,
    parameters: Readonly<Record<string, Parameter>>,
    eventId: string,
  ): Promise<void> => {
    const event = {
      _type: 'SystemEvent',
      eventId,
      source: 'IRIS.drs',
      eventName,
      eventTime: new Date().toISOString(),
      paramSet: Object.entries(parameters).map(([keyName, { type, value }]) => ({
        [type]: { keyName, values: [value], units: 'NoUnits' },
      })),
    };
    const body = new TextEncoder().encode(JSON.stringify(event));
    const hdrs = headers();
    hdrs.set('Content-Type', 'application/json');
    await publishDurably(js, statusEventSubject(eventName), body, hdrs, { msgId: eventId, signal });
  };
  return {
    state: (cmd) => publish('state', { cmd: choice(cmd) }, randomUUID()),
    cmdStatus: (parameters) => publish('cmdStatus', parameters, randomUUID()),
    written: (eventName, mode, occurrence) =>
      publish(
        eventName,
        { ifs: flag(mode !== 'imager'), imager: flag(mode === 'imager') },
        eventIdOf(`${eventName}:${occurrence}`),
      ),
  };
};

/** Parts that START and STOP work on; every pipeline of the ICD stands for some of them. */
export const PARTS = ['readout-imager', 'readout-ifs', 'online-imager', 'online-ifs'] as const;

export const stateOf = (held: readonly string[]): 'READY' | 'CONTINUOUS' =>
  PARTS.every((part) => held.includes(part)) ? 'READY' : 'CONTINUOUS';
