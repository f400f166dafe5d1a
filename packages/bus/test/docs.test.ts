import { readFileSync } from 'node:fs';
import { BUCKET, STREAM } from '@iris-drs/proto';
import { expect, test } from 'vitest';
import { topology } from '../src/index.ts';

const read = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

/** `drs.task.{stage}.…` is covered by `drs.task.>`. */
const covers = (filter: string, address: string) => address.startsWith(filter.replace(/>$/, ''));

test('the AsyncAPI file has an address for each stream of ours, and no other', () => {
  const described = [...read('asyncapi.yaml').matchAll(/address: (\S+)[\s\S]*?x-nats-stream: (\w+)/g)].map(
    ([, address = '', stream = '']) => ({ address, stream }),
  );
  const ours = topology().streams.filter(({ name }) => !name.startsWith('KV_') && name !== STREAM.advisories);
  expect(described.map(({ stream }) => stream).sort()).toEqual(ours.map(({ name }) => name).sort());
  for (const { name, subjects } of ours) {
    const address = described.find(({ stream }) => stream === name)?.address ?? '';
    expect(
      subjects.some((filter) => covers(filter, address)),
      `${name}: ${address}`,
    ).toBe(true);
  }
});

test('bus.md names every stream, bucket, consumer filter and setting', () => {
  const text = read('bus.md');
  for (const name of [...Object.values(STREAM), ...Object.values(BUCKET)]) expect(text).toContain(name);
  const settings = readFileSync(new URL('../src/settings.ts', import.meta.url), 'utf8');
  for (const [variable] of settings.matchAll(/\b(DRS|NATS|CRDS|OTEL_EXPORTER)_[A-Z_]+/g)) {
    expect(text, variable).toContain(variable);
  }
});
