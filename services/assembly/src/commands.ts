import { randomUUID } from 'node:crypto';
import type { AssemblyServer, CommandResponse } from '@iris-drs/proto';
import { normaliseObsId, TmtError } from '@iris-drs/tmt';
import type { ExposureRecord } from './record.ts';
import { configured, type Settings } from './settings.ts';
import { choice, integer, PARTS, type StatusEvents, stateOf, text } from './status-events.ts';

/** Pipelines of START and STOP, and the parts that each stands for; all when none is named. */
const PIPELINES: Readonly<Record<string, readonly string[]>> = {
  'readout-imager': ['readout-imager'],
  'readout-ifs': ['readout-ifs'],
  'online-imager': ['online-imager'],
  'online-ifs': ['online-ifs'],
  'full-imager': ['readout-imager', 'online-imager'],
  'full-ifs': ['readout-ifs', 'online-ifs'],
  all: PARTS,
};

/** What commands see and change. */
export interface Control {
  /** Undefined on a standby: commands are for the active instance. */
  readonly settings: Settings | undefined;
  change(apply: (settings: Settings) => Settings): Promise<void>;
  record(exposureId: string): Promise<ExposureRecord | undefined>;
}

interface Call {
  readonly runId: string;
  readonly caller: string;
}

type Outcome = Pick<CommandResponse, 'response' | 'message'>;

const COMPLETED: Outcome = { response: 'COMPLETED', message: '' };
const invalid = (message: string): Outcome => ({ response: 'INVALID', message });
const STANDBY: Outcome = {
  response: 'ERROR',
  message: 'this instance stands by; send commands to the active one',
};

/** Acknowledgement and completion as the ICD words them. */
const WORDING: Readonly<Record<string, readonly [ack: string, comp: string]>> = {
  COMPLETED: ['ACCEPTED', 'SUCCESS'],
  INVALID: ['REJECTED', 'REJECTED'],
  ERROR: ['ACCEPTED', 'FAILED'],
};

/** The ICD numbers its runs, CSW names them by UUID. */
const runIdOf = (runId: string) => (/^\d{1,9}$/.test(runId) ? integer(Number(runId)) : text(runId));

const given = (keywords: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== ''));

/** The arguments as they were given, without the envelope. */
const argsOf = (request: Call): string =>
  Object.entries(request)
    .filter(([name]) => name !== 'runId' && name !== 'caller')
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');

/** The commands of IRIS.drs. Each is echoed as cmdStatus, then answered. */
export const assemblyCommands = (status: StatusEvents, control: Control): AssemblyServer => {
  const command =
    <Q extends Call>(name: string, work: (request: Q) => Promise<Outcome>) =>
    (
      { request }: { request: Q },
      callback: (error: Error | null, response?: CommandResponse) => void,
    ): void => {
      const runId = request.runId || randomUUID();
      const run = async (): Promise<CommandResponse> => {
        if (!control.settings) return { runId, ...STANDBY };
        const outcome = await work(request).catch(
          (error: Error): Outcome => ({ response: 'ERROR', message: error.message }),
        );
        const [ack = '', comp = ''] = WORDING[outcome.response] ?? [];
        await status.cmdStatus({
          command: text(name),
          args: text(argsOf(request)),
          caller: text(request.caller),
          runId: runIdOf(runId),
          ack: choice(ack),
          ackMsg: text(ack === 'REJECTED' ? outcome.message : ''),
          comp: choice(comp),
          compMsg: text(outcome.message),
        });
        return { runId, ...outcome };
      };
      run().then((response) => callback(null, response), callback);
    };

  const setHeld = async (change: (held: readonly string[]) => readonly string[]): Promise<Outcome> => {
    await control.change((settings) => ({ ...settings, held: change(settings.held) }));
    await status.state(stateOf(control.settings?.held ?? []));
    return COMPLETED;
  };

  const setParts = async (pipeline: string, hold: boolean): Promise<Outcome> => {
    const parts = PIPELINES[pipeline || 'all'];
    if (!parts)
      return invalid(`no pipeline '${pipeline}'; expected one of ${Object.keys(PIPELINES).join(', ')}`);
    return setHeld((held) => {
      const others = held.filter((part) => !parts.includes(part));
      return hold ? [...others, ...parts] : others;
    });
  };

  return {
    // Nothing is held: the state that a new installation begins in.
    initialize: command('INITIALIZE', () => setHeld(() => [])),
    start: command('START', ({ pipeline }) => setParts(pipeline, false)),
    stop: command('STOP', ({ pipeline }) => setParts(pipeline, true)),
    configureObserver: command('configureObserver', async ({ observer, piName, proposal }) => {
      const keywords = given({ OBSERVER: observer, PI_NAME: piName, PROPOSAL: proposal });
      await control.change((settings) => ({ ...settings, observer: keywords }));
      return COMPLETED;
    }),
    configureObservation: command('configureObservation', async (request) => {
      const { object, objectRa, objectDec, skyPositions } = request;
      let obsId: string;
      try {
        obsId = normaliseObsId(request.observationId);
      } catch (error) {
        if (error instanceof TmtError) return invalid(error.message);
        throw error;
      }
      // Both zero is what an absent position looks like on the wire.
      const target = objectRa === 0 && objectDec === 0 ? {} : { TARG_RA: objectRa, TARG_DEC: objectDec };
      const keywords = { ...given({ OBJECT: object }), ...target };
      await control.change((settings) => configured(settings, obsId, keywords, skyPositions, Date.now()));
      return COMPLETED;
    }),
    getExposure({ request }, callback) {
      control.record(request.exposureId).then(
        (record) => callback(null, { record: record ? JSON.stringify(record) : '' }),
        (error: Error) => callback(error),
      );
    },
  };
};
