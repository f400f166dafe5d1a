import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inputsOf, splitProductName } from '@iris-drs/datamodels';
import { openFile } from '@iris-drs/fits/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Instance, newInstance } from '../fixtures/instance.ts';

const OBSERVATIONS = ['2031A-001-123', '2031A-001-124'];
const DETECTORS = ['IMG1', 'IMG2'];

let drs: Instance;
beforeAll(async () => {
  drs = newInstance();
  for (const [i, observation] of OBSERVATIONS.entries()) {
    const { root, data, refs } = drs;
    const own = [
      '--observation',
      observation,
      '--events',
      join(root, `${observation}.ndjson`),
      '--seed',
      `${i}`,
    ];
    const size = [
      '--size',
      '64',
      '--reads',
      '4',
      '--science',
      '2',
      '--sky',
      '1',
      '--detectors',
      DETECTORS.join(),
    ];
    await drs.must('sim', 'observation', '--data', data, '--refs', refs, ...own, ...size);
  }
  await drs.must('up');
}, 120_000);
afterAll(() => drs[Symbol.asyncDispose]());

/** An exposure and detector, whatever has been made of it. */
const stem = (path: string): string => splitProductName(basename(path)).stem;

it('asn puts raw frames together as the assembly did when they came in', async () => {
  for (const observation of OBSERVATIONS) {
    await drs.publish(
      readFileSync(join(drs.root, `${observation}.ndjson`), 'utf8')
        .trimEnd()
        .split('\n'),
    );
  }
  const decided = new Map<string, string[]>();
  for (const observation of OBSERVATIONS) {
    for (const [number, detector] of [1, 2].flatMap((n) => DETECTORS.map((name) => [n, name] as const))) {
      const exposure = `${observation}-IRIS-IMG-SCI0-000${number}`;
      const { path } = await drs.product(exposure, 'l2', detector);
      using fits = await openFile(path);
      decided.set(stem(path), inputsOf(fits.hdu(0).header).map(stem));
    }
  }
  const raw = join(drs.data, '20310314/raw');
  const frames = readdirSync(raw).flatMap((name) => (name.endsWith('_rate.fits') ? [join(raw, name)] : []));
  expect(frames).toHaveLength(12);
  const made = await drs.must('asn', ...frames, '--output', '-');
  const associations = made
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(associations.map(({ asn_id }) => asn_id).sort()).toEqual(OBSERVATIONS);
  const associated = new Map<string, string[]>(
    associations
      .flatMap((association) => association.products)
      .map(({ name, members }) => [name, members.map(({ expname }: { expname: string }) => stem(expname))]),
  );
  expect(decided.size).toBe(8);
  expect(associated).toEqual(decided);
  expect([...decided.values()].map((inputs) => inputs.length)).toEqual(Array(8).fill(2));
});
