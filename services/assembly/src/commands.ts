import { randomUUID } from 'node:crypto';
import type { AssemblyServer, CommandResponse } from '@iris-drs/proto';
import type { JetStreamClient } from '@nats-io/jetstream';
import type { ExposureRecord } from './record.ts';
import { publishStatus } from './status-events.ts';

/** Pipelines of START and STOP, and the parts that each stands for. */
const PIPELINES: Readonly<Record<string, readonly string[]>> = {
  'readout-imager': ['readout-imager'],
  'readout-ifs': ['readout-ifs'],
  'online-imager': ['online-imager'],
  'online-ifs': ['online-ifs'],
  'full-imager': ['readout-imager', 'online-imager'],
  'full-ifs': ['readout-ifs', 'online-ifs'],
  all: ['readout-imager', 'readout-ifs', 'online-imager', 'online-ifs'],
};

/** What commands change. */
export interface Control {
  /** False on a standby: commands are for the active instance. */
  readonly active: boolean;
  /** Parts held back by STOP. */
  readonly held: ReadonlySet<string>;
  setHeld(held: ReadonlySet<string>): Promise<void>;
  /** Keywords that the observer or the observation block sets for the exposures that follow. */
  setKeywords(keywords: Readonly<Record<string, string | number>>): Promise<void>;
  record(exposureId: string): ExposureRecord | undefined;
}

interface Call {
  readonly runId: string;
  readonly caller: string;
}

type Outcome = Pick<CommandResponse, 'response' | 'message'>;

const completed = (message = ''): Outcome => ({ response: 'COMPLETED', message });

/** The commands of IRIS.drs. Each is echoed as cmdStatus, then answered. */
export const assemblyCommands = (js: JetStreamClient, control: Control): AssemblyServer => {
  const run = async (
    command: string,
    call: Call,
    args: string,
    work: () => Promise<Outcome>,
  ): Promise<CommandResponse> => {
    const runId = call.runId || randomUUID();
    const outcome: Outcome = control.active
      ? await work().catch((error: Error) => ({ response: 'ERROR', message: error.message }))
      : { response: 'ERROR', message: 'this instance stands by; send commands to the active one' };
    const ok = outcome.response === 'COMPLETED';
    await publishStatus(js, 'cmdStatus', {
      command,
      args,
      caller: call.caller,
      runId,
      ack: ok ? 'OK' : 'ERROR',
      ackMsg: '',
      comp: outcome.response,
      compMsg: outcome.message,
    });
    return { runId, ...outcome };
  };

  const setParts = async (pipeline: string, hold: boolean): Promise<Outcome> => {
    const parts = PIPELINES[pipeline];
    if (!parts)
      return {
        response: 'INVALID',
        message: `no pipeline '${pipeline}'; expected one of ${Object.keys(PIPELINES).join(', ')}`,
      };
    const held = new Set(control.held);
    for (const part of parts) {
      if (hold) held.add(part);
      else held.delete(part);
    }
    await control.setHeld(held);
    await publishStatus(js, 'state', {
      cmd: held.size === PIPELINES.all?.length ? 'READY' : 'CONTINUOUS',
    });
    return completed();
  };

  const answer =
    <Q extends Call>(handle: (request: Q) => Promise<CommandResponse>) =>
    (
      { request }: { request: Q },
      callback: (error: Error | null, response?: CommandResponse) => void,
    ): void => {
      handle(request).then((response) => callback(null, response), callback);
    };

  return {
    initialize: answer((call) =>
      run('INITIALIZE', call, '', async () => {
        await control.setHeld(new Set());
        await publishStatus(js, 'state', { cmd: 'READY' });
        return completed();
      }),
    ),
    start: answer((call) => run('START', call, call.pipeline, () => setParts(call.pipeline, false))),
    stop: answer((call) => run('STOP', call, call.pipeline, () => setParts(call.pipeline, true))),
    configureObserver: answer((call) =>
      run('configureObserver', call, call.observer, async () => {
        const { observer, piName, proposal } = call;
        await control.setKeywords({ OBSERVER: observer, PI_NAME: piName, PROPOSAL: proposal });
        return completed();
      }),
    ),
    configureObservation: answer((call) =>
      run('configureObservation', call, call.observationId, async () => {
        const { object, objectRa, objectDec } = call;
        await control.setKeywords({ OBJECT: object, TARG_RA: objectRa, TARG_DEC: objectDec });
        return completed();
      }),
    ),
    getExposure({ request }, callback) {
      const record = control.record(request.exposureId);
      callback(null, { record: record ? JSON.stringify(record) : '' });
    },
  };
};
