import { grpcClient, startGrpc } from '@iris-drs/bus';
import { AssemblyClient, AssemblyService, type CommandResponse, STREAM } from '@iris-drs/proto';
import { decodeEvent } from '@iris-drs/tmt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exposureEvents } from '../../../test/fixtures/hand-made.ts';
import { assemblyCommands } from '../src/commands.ts';
import { statusEvents } from '../src/status-events.ts';
import { type Bench, openBench, type RunningTerm } from './fixtures/bench.ts';

let bench: Bench;
let term: RunningTerm | undefined;
let grpc: Awaited<ReturnType<typeof startGrpc>>;
let client: AssemblyClient;

const tls = { cert: undefined, key: undefined, ca: undefined };

beforeAll(async () => {
  bench = await openBench();
  const { tracer } = bench.telemetry;
  grpc = await startGrpc({ address: '127.0.0.1:0', tls, tracer });
  const status = statusEvents(bench.js, new AbortController().signal);
  const control = {
    get settings() {
      return term?.store.settings;
    },
    change: async (apply: Parameters<RunningTerm['desk']['change']>[0]) => term?.desk.change(apply),
    record: async (exposureId: string) => term?.store.get(exposureId),
  };
  grpc.add(AssemblyService, assemblyCommands(status, control));
  client = grpcClient(AssemblyClient, grpc.address, { tls, tracer });
});
afterAll(async () => {
  client.close();
  await grpc.stop(1_000);
  await bench.close();
});

type Answer = (error: Error | null, response: CommandResponse) => void;

const call = <Q>(ask: (request: Q, answer: Answer) => unknown, request: Q): Promise<CommandResponse> =>
  new Promise((resolve, reject) =>
    ask.call(client, request, (error, response) => (error ? reject(error) : resolve(response))),
  );

const envelope = { runId: '7', caller: 'test' };
const observation = {
  ...envelope,
  observationId: '2031A-001-001',
  observationType: 'science',
  object: 'M 31',
  objectRa: 10.68,
  objectDec: 41.27,
  objectPattern: '',
  skyPattern: '',
  objectPositions: 1,
  skyPositions: 0,
  ditherCoordinates: 'sky',
};

it('a standby takes no command', async () => {
  const response = await call(client.start, { ...envelope, pipeline: 'all' });
  expect(response).toEqual({
    runId: '7',
    response: 'ERROR',
    message: 'this instance stands by; send commands to the active one',
  });
});

it('STOP holds exposures back, START lets those that came go on', async () => {
  term = await bench.begin();
  // A term tells its state as it begins; a command that overtakes that would be in it already.
  await expect
    .poll(async () => (await bench.statusEvents()).filter(({ name }) => name === 'state').length)
    .toBe(1);
  expect(await call(client.stop, { ...envelope, pipeline: '' })).toMatchObject({ response: 'COMPLETED' });
  const id = '2031A-001-001-IRIS-IMG1-SCI0-0001';
  await bench.publish(exposureEvents(id, [bench.ramp(id)]));
  await bench.quiet();
  expect(await bench.tasks()).toEqual([]);
  await call(client.start, { ...envelope, pipeline: 'readout-imager' });
  const readout = await bench.task(id, 'readout');
  await bench.finish(readout);
  await bench.quiet();
  expect(await bench.tasks()).toHaveLength(1);
  // What was stopped stays so over a restart.
  await term.stop();
  term = await bench.begin();
  await bench.quiet();
  expect(await bench.tasks()).toHaveLength(1);
  await call(client.initialize, envelope);
  await bench.task(id, 'calib');
});

it('an observation configured without sky positions is reduced without waiting, its target in the task', async () => {
  await call(client.configureObserver, {
    ...envelope,
    observer: 'A. Observer',
    piName: '',
    partner: '',
    proposal: 'P1',
    dataDirectory: '',
  });
  await call(client.configureObservation, { ...observation, observationId: '2031a-1-9' });
  const id = '2031A-001-009-IRIS-IMG1-SCI0-0001';
  await bench.publish(exposureEvents(id, [bench.ramp(id)]));
  const readout = await bench.task(id, 'readout');
  const set = readout.keywords.filter(({ source }) => source === 'command');
  expect(set.map(({ name, value }) => [name, value?.value])).toEqual([
    ['OBSERVER', 'A. Observer'],
    ['PROPOSAL', 'P1'],
    ['OBJECT', 'M 31'],
    ['TARG_RA', 10.68],
    ['TARG_DEC', 41.27],
  ]);
  await bench.finish(readout);
  await bench.finish(await bench.task(id, 'calib'));
  expect((await bench.task(id, 'imager')).remark).toBe('no sky: the observation has no sky positions');
});

it('a command that cannot be carried out is rejected with the reason', async () => {
  expect(await call(client.stop, { ...envelope, pipeline: 'coffee' })).toMatchObject({
    response: 'INVALID',
    message: expect.stringContaining("no pipeline 'coffee'; expected one of readout-imager"),
  });
  expect(await call(client.configureObservation, { ...observation, observationId: 'M 31' })).toMatchObject({
    response: 'INVALID',
  });
});

it('every command is echoed as the CSW event cmdStatus, and the state follows', async () => {
  const events = await bench.statusEvents();
  expect(events.filter(({ name }) => name === 'state').map(({ values }) => values.cmd)).toEqual([
    'CONTINUOUS',
    'READY',
    'CONTINUOUS',
    'CONTINUOUS',
    'CONTINUOUS',
  ]);
  const commands = events.filter(({ name }) => name === 'cmdStatus').map(({ values }) => values);
  expect(commands.map(({ command, comp }) => [command, comp])).toEqual([
    ['STOP', 'SUCCESS'],
    ['START', 'SUCCESS'],
    ['INITIALIZE', 'SUCCESS'],
    ['configureObserver', 'SUCCESS'],
    ['configureObservation', 'SUCCESS'],
    ['STOP', 'REJECTED'],
    ['configureObservation', 'REJECTED'],
  ]);
  expect(commands[1]).toEqual({
    command: 'START',
    args: 'pipeline=readout-imager',
    caller: 'test',
    runId: 7,
    ack: 'ACCEPTED',
    ackMsg: '',
    comp: 'SUCCESS',
    compMsg: '',
  });
  const stored = await bench.jsm.streams.getMessage(STREAM.status, { last_by_subj: 'tmt.drs.cmdStatus' });
  const event = decodeEvent(stored!.data);
  expect([event.type, event.source, event.eventName]).toEqual(['SystemEvent', 'IRIS.drs', 'cmdStatus']);
  const types = Object.fromEntries(event.paramSet.map(({ keyName, keyType }) => [keyName, keyType]));
  expect(types).toMatchObject({ ack: 'ChoiceKey', comp: 'ChoiceKey', runId: 'IntKey', args: 'StringKey' });
});
