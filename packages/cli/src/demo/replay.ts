import { setTimeout as sleep } from 'node:timers/promises';
import { connectBus, followProducts, publishEvent, type Seen } from '@iris-drs/bus';
import type { Failure, Product } from '@iris-drs/proto';
import { parseEventLine } from '@iris-drs/tmt';
import type { EventItem, Simulated } from './simulate.ts';

export interface Outcome {
  readonly products: readonly Product[];
  readonly failures: readonly Failure[];
  /** Products that did not come in time, as `exposure detector level`. */
  readonly missing: readonly string[];
}

const keyOf = (exposure: string, detector: string, level: string): string =>
  `${exposure} ${detector} ${level}`;

interface Expected {
  readonly key: string;
  readonly exposureId: string;
  readonly level: string;
}

/** Every product that the files must lead to. */
const expectedOf = ({ files }: Simulated): Expected[] =>
  files.flatMap(({ exposureId, detector, role }) =>
    (role === 'SKY' ? ['l1', 'l2a'] : ['l1', 'l2a', 'l2']).map((level) => ({
      key: keyOf(exposureId, detector, level),
      exposureId,
      level,
    })),
  );

const exposureIdOf = ({ paramSet }: EventItem['published']['event']): string =>
  String(paramSet.flatMap(Object.values).find(({ keyName }) => keyName === 'exposureId')?.values[0]);

const until = async (done: () => boolean, seconds: number): Promise<boolean> => {
  const end = Date.now() + seconds * 1000;
  while (!done() && Date.now() < end) await sleep(20);
  return done();
};

/**
 * Publishes the observation's events and waits for its products. An exposure begins when the work on those before is
 * done as far as it can be, as at the telescope, where one takes longer to expose than to reduce.
 */
export const replay = async (
  url: string,
  simulated: Simulated,
  timeoutSeconds: number,
  onSeen: (seen: Seen) => void,
): Promise<Outcome> => {
  const connection = await connectBus({ url, name: 'drs-demo' });
  const stop = new AbortController();
  const products = new Map<string, Product>();
  const failures: Failure[] = [];
  const follow = async (): Promise<void> => {
    for await (const seen of followProducts(connection, {
      products: true,
      failures: true,
      signal: stop.signal,
    })) {
      if (seen.type === 'failure') failures.push(seen.failure);
      else
        products.set(keyOf(seen.product.exposureId, seen.product.detector, seen.product.level), seen.product);
      onSeen(seen);
    }
  };
  const following = follow();
  const expected = expectedOf(simulated);
  const written = new Set<string>();
  const idle = (): boolean => {
    const sky = simulated.files.some(({ role, exposureId }) => role === 'SKY' && written.has(exposureId));
    return expected.every(
      ({ key, exposureId, level }) =>
        !written.has(exposureId) || (level === 'l2' && !sky) || products.has(key),
    );
  };
  try {
    for (const { published } of simulated.events) {
      const { eventName } = published.event;
      if (eventName === 'ObserveEvent.ExposureStart')
        await until(() => failures.length > 0 || idle(), timeoutSeconds);
      const { event, body } = parseEventLine(JSON.stringify(published));
      await publishEvent(connection, event, body);
      if (eventName === 'ObserveEvent.DataWriteEnd') written.add(exposureIdOf(published.event));
    }
    await until(() => failures.length > 0 || expected.every(({ key }) => products.has(key)), timeoutSeconds);
  } finally {
    stop.abort();
    await following.catch(() => undefined);
    await connection.close();
  }
  return {
    products: [...products.values()],
    failures,
    missing: expected.map(({ key }) => key).filter((key) => !products.has(key)),
  };
};
