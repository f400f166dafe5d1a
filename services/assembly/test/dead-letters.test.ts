import { STREAM } from '@iris-drs/proto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exposureEvents } from '../../../test/fixtures/hand-made.ts';
import { type Bench, openBench, until } from './fixtures/bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench({}, { ackWaitMs: 200, backoffMs: [200, 200], leaseTtlMs: 1_000 });
  await bench.begin();
});
afterAll(() => bench.close());

const messages = async (stream: string) => (await bench.jsm.streams.info(stream)).state.messages;

it('a task whose workers all died is kept as a dead letter with its trace, leaves the queue, and is one failure', async () => {
  const id = '2031A-001-001-IRIS-IMG1-SCI0-0001';
  await bench.publish(exposureEvents(id, [bench.ramp(id)]));
  const task = await bench.task(id, 'readout');
  const consumer = await bench.js.consumers.get(STREAM.tasks, 'readout-imager');
  // Taken and never settled, until the server gives up.
  const taken = await consumer.consume({ max_messages: 1 });
  const taking = (async () => {
    for await (const _message of taken);
  })();
  const [failure] = await until('failure', async () => {
    const found = await bench.failures();
    return found.length > 0 && found;
  });
  taken.stop();
  await taking;
  expect(failure).toMatchObject({
    stage: 'readout',
    mode: 'imager',
    detector: 'IMG1',
    exposureId: id,
    code: 'GAVE_UP',
  });
  await until('queue empty', async () => (await messages(STREAM.tasks)) === 0);
  const letter = await bench.jsm.streams.getMessage(STREAM.deadLetters, {
    last_by_subj: 'drs.dead.TASKS.readout-imager',
  });
  expect(letter?.header.get('Drs-Subject')).toBe(`drs.task.readout.imager.IMG1.${id}`);
  expect(letter?.header.get('traceparent')).toMatch(/^00-/);
  expect(task.exposureId).toBe(id);
});

it('moving twice changes nothing; an advisory about a message that is gone is done with', async () => {
  const before = await messages(STREAM.deadLetters);
  const advisory = { stream: STREAM.tasks, consumer: 'readout-imager', stream_seq: 1, deliveries: 3 };
  const subject = '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.TASKS.readout-imager';
  await bench.js.publish(subject, JSON.stringify(advisory));
  await until('advisory handled', async () => (await messages(STREAM.advisories)) === 0);
  expect(await messages(STREAM.deadLetters)).toBe(before);
  expect(await bench.failures()).toHaveLength(1);
});

it('from a log a message is copied', async () => {
  await bench.js.publish('tmt.obs.X.y', 'kept');
  const { state } = await bench.jsm.streams.info(STREAM.observe);
  const advisory = { stream: STREAM.observe, consumer: 'other', stream_seq: state.last_seq };
  const subject = '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.OBSERVE.other';
  await bench.js.publish(subject, JSON.stringify(advisory));
  await until('advisory handled', async () => (await messages(STREAM.advisories)) === 0);
  const kept = await bench.jsm.streams.getMessage(STREAM.observe, { seq: state.last_seq });
  const copy = await bench.jsm.streams.getMessage(STREAM.deadLetters, {
    last_by_subj: 'drs.dead.OBSERVE.other',
  });
  expect([kept?.string(), copy?.string()]).toEqual(['kept', 'kept']);
});
