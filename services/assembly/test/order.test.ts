import type { Task } from '@iris-drs/proto';
import { expect, it } from 'vitest';
import { exposureEvents, observeEvent } from '../../../test/fixtures/hand-made.ts';
import { aborted } from './fixtures/events.ts';
import { frameOf, play, productOf, rulesOf } from './fixtures/play.ts';

/** Pseudo-random numbers in [0, 1), the same for the same seed. */
const randomOf = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
};

const shuffled = <T>(items: readonly T[], random: () => number): T[] => {
  const order = items.map((item) => [random(), item] as const);
  return order.sort(([a], [b]) => a - b).map(([, item]) => item);
};

const sci1 = '2031A-001-001-IRIS-IMG1-SCI0-0001';
const sci2 = '2031A-001-001-IRIS-IMG1-SCI0-0002';
const sky = '2031A-001-001-IRIS-IMG1-SKY0-0003';
const four = '2031A-001-002-IRIS-IMG-SCI0-0001';
const window = '2031A-001-001-IRIS-IMG1-SCI0-0001-01';

const detectors = ['IMG1', 'IMG2', 'IMG3', 'IMG4'];
const lines = [
  ...[sci1, sci2, sky, window].flatMap((id) => exposureEvents(id, [`${id}.fits`])),
  ...exposureEvents(
    four,
    detectors.map((name) => `${name}.fits`),
  ),
  aborted(sci2),
  observeEvent('ObserveStart', {}),
  observeEvent('ReadoutEnd', { exposureId: sci1 }),
];

/** What a task says, apart from what its exposure's events told by then. */
const essence = ({ stage, exposureId, detector, mode, role, inputs, utDate }: Task) => ({
  stage,
  exposureId,
  detector,
  mode,
  role,
  utDate,
  inputs: inputs.map((input) => [input.exptype, input.exposureId, input.frame?.path]),
});

/** Plays the lines in an order, then every product as its task comes, in another. */
const tasksOf = (order: readonly string[], random: () => number) => {
  const stage = play((record, path) => [
    frameOf({
      path,
      role: record.exposureId === sky ? 'sky' : 'science',
      detector: /IMG\d/.exec(path)?.[0] ?? 'IMG1',
    }),
  ]);
  for (const line of order) stage.event(line);
  for (const level of ['l1', 'l2a', 'l2']) {
    const done = { l1: 'readout', l2a: 'calib', l2: 'imager' }[level];
    const products = stage.tasks.filter((task) => task.stage === done).map((task) => productOf(task, level));
    for (const product of shuffled([...products, ...products], random)) stage.product(product);
    stage.settleAll(0, rulesOf());
  }
  return stage.tasks.map(essence).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
};

const straight = tasksOf(lines, randomOf(0));

it('events and products lead to each task once', () => {
  const count = (stage: string) => straight.filter((task) => task.stage === stage).length;
  // Three science frames and a sky of one observation; four detectors of another, which has no sky and waits.
  expect([count('readout'), count('calib'), count('imager')]).toEqual([8, 8, 3]);
});

it.each(Array.from({ length: 60 }, (_, seed) => seed + 1))(
  'the order and repetition of events do not matter (seed %i)',
  (seed) => {
    const random = randomOf(seed);
    const again = lines.filter(() => random() < 0.4);
    expect(tasksOf(shuffled([...lines, ...again], random), random)).toEqual(straight);
  },
);
