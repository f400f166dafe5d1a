import { expect, it } from 'vitest';
import { isTimeToLook, isWaiting } from '../src/decide.ts';
import { configured, ended, NO_SETTINGS, resumed } from '../src/settings.ts';
import { aborted, end, start, written } from './fixtures/events.ts';
import { frameOf, play, productOf, rulesOf } from './fixtures/play.ts';

const science = '2031A-001-001-IRIS-IMG1-SCI0-0001';
const sky = '2031A-001-001-IRIS-IMG1-SKY0-0002';

/** A science frame that is calibrated since t = 2 s, its last event at 1 s; skies as asked for. */
const calibrated = (id = science, role = 'science') => {
  const stage = play((record, path) => [
    frameOf({ path, role: record.exposureId.includes('SKY') ? 'sky' : role }),
  ]);
  for (const line of [start(id), written(id, 'a.fits')]) stage.event(line);
  for (const level of ['l1', 'l2a']) stage.product(productOf(stage.tasks.at(-1)!, level));
  return stage;
};

const stagesOf = (stage: ReturnType<typeof calibrated>) => stage.tasks.map((task) => task.stage);

it('a science frame waits for its sky until the deadline, and says then that there was none', () => {
  const stage = calibrated();
  stage.settleAll(21_999, rulesOf(NO_SETTINGS, 0));
  expect(stagesOf(stage)).toEqual(['readout', 'calib']);
  stage.settleAll(22_000, rulesOf(NO_SETTINGS, 0));
  expect(stage.tasks.at(-1)).toMatchObject({
    stage: 'imager',
    remark: 'no sky within 20 s',
    lastEventTime: new Date(22_000),
  });
});

it('while the assembly catches up no deadline passes, and afterwards it counts anew', () => {
  const stage = calibrated();
  stage.settleAll(1e9, rulesOf());
  stage.settleAll(1e9 + 19_999, rulesOf(NO_SETTINGS, 1e9));
  expect(stagesOf(stage)).toEqual(['readout', 'calib']);
  stage.settleAll(1e9 + 20_000, rulesOf(NO_SETTINGS, 1e9));
  expect(stagesOf(stage).at(-1)).toBe('imager');
});

it('an observation without sky positions, or that has ended, waits for none', () => {
  for (const [settings, reason] of [
    [configured(NO_SETTINGS, '2031A-001-001', {}, 0, 3_000), 'the observation has no sky positions'],
    [ended(NO_SETTINGS, '2031A-001-001', 3_000), 'the observation ended'],
  ] as const) {
    const stage = calibrated();
    stage.settleAll(4_000, rulesOf(settings, 0));
    expect(stage.tasks.at(-1)).toMatchObject({
      remark: `no sky: ${reason}`,
      lastEventTime: new Date(3_000),
    });
  }
});

it('a sky under way is waited for even then, but not an aborted one nor one of another detector', () => {
  const rules = rulesOf(ended(NO_SETTINGS, '2031A-001-001', 3_000), 0);
  const stage = calibrated();
  stage.event(start(sky));
  stage.event(start(sky.replace('IMG1', 'IMG2')));
  stage.settleAll(4_000, rules);
  expect(stagesOf(stage)).toEqual(['readout', 'calib']);
  stage.event(aborted(sky));
  stage.settleAll(4_000, rules);
  expect(stagesOf(stage).at(-1)).toBe('imager');
});

it('an aborted sky is calibrated but serves no science frame', () => {
  const stage = calibrated(sky);
  stage.event(aborted(sky));
  stage.event(start(science));
  stage.event(written(science, 'b.fits'));
  for (const level of ['l1', 'l2a']) stage.product(productOf(stage.tasks.at(-1)!, level));
  stage.settleAll(30_000, rulesOf(NO_SETTINGS, 0));
  expect(stage.tasks.at(-1)).toMatchObject({ stage: 'imager', remark: 'no sky within 20 s' });
});

it('a standalone exposure has no sky to wait for', () => {
  const stage = calibrated('20310314-092823-IRIS-IMG2-SCI0-0007');
  expect(stage.tasks.at(-1)).toMatchObject({ stage: 'imager', remark: 'no sky: standalone exposure' });
});

it.each([
  ['dark', ['readout']],
  ['flat', ['readout']],
  ['arc', ['readout', 'calib']],
  ['telluric', ['readout', 'calib', 'imager']],
])('a %s goes through %j', (role, stages) => {
  const stage = calibrated(science, role);
  stage.settleAll(1e6, rulesOf(NO_SETTINGS, 0));
  expect(stagesOf(stage)).toEqual(stages);
});

it('what STOP holds back is due once it is let go', () => {
  const stage = calibrated();
  const held = { ...NO_SETTINGS, held: ['online-imager'] };
  stage.settleAll(1e6, rulesOf(held, 0));
  const [record] = stage.records.values();
  expect([isWaiting(record!), isTimeToLook(record!, 1e6, rulesOf(held, 0))]).toEqual([true, false]);
  stage.settleAll(1e6, rulesOf(NO_SETTINGS, 0));
  expect(stagesOf(stage)).toEqual(['readout', 'calib', 'imager']);
});

it('all products of an exposure go to one directory, though its start is told after its file', () => {
  const stage = play((_record, path) => [frameOf({ path, utDate: '20310315' })]);
  stage.event(written(science, 'a.fits'));
  stage.event(start(science));
  stage.event(end(science));
  stage.product(productOf(stage.tasks.at(-1)!, 'l1'));
  expect(stage.tasks.map(({ utDate }) => utDate)).toEqual(['20310315', '20310315']);
});

it('an observation that goes on waits for skies again, unless it has none by configuration', () => {
  const id = '2031A-001-001';
  expect(resumed(ended(NO_SETTINGS, id, 1), id).observations[id]?.skyless).toBeUndefined();
  const none = configured(NO_SETTINGS, id, { OBJECT: 'M 31' }, 0, 1);
  expect(resumed(ended(none, id, 2), id)).toEqual(none);
  expect(ended(configured(NO_SETTINGS, id, { OBJECT: 'M 31' }, 2, 1), id, 2).observations[id]).toEqual({
    keywords: { OBJECT: 'M 31' },
    skyless: { reason: 'the observation ended', sinceMillis: 2 },
  });
});

it('old observations are forgotten', () => {
  let settings = NO_SETTINGS;
  for (let n = 1; n <= 300; n++) settings = ended(settings, `2031A-001-${n}`, n);
  expect(Object.keys(settings.observations)).toHaveLength(200);
  expect(settings.observations['2031A-001-300']).toBeDefined();
});
