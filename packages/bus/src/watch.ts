import { Failure, Product, STREAM } from '@iris-drs/proto';
import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';

export interface WatchOptions {
  readonly products: boolean;
  readonly failures: boolean;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

export type Seen =
  | { readonly type: 'product'; readonly product: Product }
  | { readonly type: 'failure'; readonly failure: Failure };

/** Values from several senders, in the order they come. */
const merge = <T>(signal: AbortSignal) => {
  const values: T[] = [];
  let wake = (): void => undefined;
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    push(value: T): void {
      values.push(value);
      wake();
    },
    async *values(): AsyncGenerator<T> {
      for (;;) {
        const value = values.shift();
        if (value !== undefined) yield value;
        else if (signal.aborted) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
};

/** Products and failures: those on the bus first, then new ones as they come, until the signal. */
export async function* followProducts(nc: NatsConnection, options: WatchOptions): AsyncGenerator<Seen> {
  const { signal } = options;
  const js = jetstream(nc, { timeout: 5_000 });
  const seen = merge<Seen>(signal);
  const follow = async (stream: string, decode: (data: Uint8Array) => Seen): Promise<void> => {
    const consumer = await js.consumers.get(stream, { deliver_policy: DeliverPolicy.All });
    const messages = await consumer.consume({ max_messages: 256 });
    signal.addEventListener('abort', () => messages.stop(), { once: true });
    for await (const message of messages) seen.push(decode(message.data));
  };
  const following = [
    ...(options.products
      ? [follow(STREAM.products, (data) => ({ type: 'product', product: Product.decode(data) }))]
      : []),
    ...(options.failures
      ? [follow(STREAM.failures, (data) => ({ type: 'failure', failure: Failure.decode(data) }))]
      : []),
  ];
  const failed = Promise.all(following).then(() => new Promise<never>(() => undefined));
  const values = seen.values();
  for (;;) {
    const next = await Promise.race([values.next(), failed]);
    if (next.done) return;
    yield next.value;
  }
}
