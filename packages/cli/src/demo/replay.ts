import { setTimeout as sleep } from 'node:timers/promises';
import { connectBus, followProducts, publishEvent, type Seen } from '@iris-drs/bus';
import type { Failure, Product } from '@iris-drs/proto';
import { parseEventLine } from '@iris-drs/tmt';
import type { Simulated } from './simulate.ts';

export interface Outcome {
  readonly products: readonly Product[];
  readonly failures: readonly Failure[];
  /** Products that did not come in time, as `exposure detector level`. */
  readonly missing: readonly string[];
}

const keyOf = (exposure: string, detector: string, level: string): string =>
  `${exposure} ${detector} ${level}`;

/** Every product that the files must lead to. */
const expectedOf = ({ files }: Simulated): string[] =>
  files.flatMap(({ exposureId, detector, role }) =>
    (role === 'SKY' ? ['l1', 'l2a'] : ['l1', 'l2a', 'l2']).map((level) => keyOf(exposureId, detector, level)),
  );

const until = async (done: () => boolean, seconds: number): Promise<boolean> => {
  const end = Date.now() + seconds * 1000;
  while (!done() && Date.now() < end) await sleep(20);
  return done();
};

/**
 * Publishes the observation's events and waits for its products. An exposure begins when the one before is
 * calibrated, as at the telescope, where one takes longer to expose than to reduce.
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
  const calibrated = new Set<string>();
  try {
    for (const { published } of simulated.events) {
      if (published.event.eventName === 'ObserveEvent.ExposureStart') {
        const before = [...calibrated];
        await until(() => failures.length > 0 || before.every((key) => products.has(key)), timeoutSeconds);
      }
      const { event, body } = parseEventLine(JSON.stringify(published));
      await publishEvent(connection, event, body);
      if (event.eventName === 'ObserveEvent.DataWriteEnd') {
        const exposureId = String(
          published.event.paramSet.flatMap(Object.values).find(({ keyName }) => keyName === 'exposureId')
            ?.values[0],
        );
        for (const file of simulated.files) {
          if (file.exposureId === exposureId) calibrated.add(keyOf(exposureId, file.detector, 'l2a'));
        }
      }
    }
    await until(() => failures.length > 0 || expected.every((key) => products.has(key)), timeoutSeconds);
  } finally {
    stop.abort();
    await following.catch(() => undefined);
    await connection.close();
  }
  return {
    products: [...products.values()],
    failures,
    missing: expected.filter((key) => !products.has(key)),
  };
};
