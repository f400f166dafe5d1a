import { Product, productSubject, STREAM } from '@iris-drs/proto';
import { JetStreamApiError, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { messageHeaders, type Published, type PublishOptions, publishDurably } from './publish.ts';

type ProductKey = Pick<Product, 'level' | 'mode' | 'detector' | 'exposureId' | 'version'>;

const subjectOf = (key: ProductKey): string =>
  productSubject(key.level, key.mode, key.detector, key.exposureId, key.version);

const NO_MESSAGE = 10037;

/** The product that is on the bus for this key; undefined when there is none. */
export const findProduct = async (jsm: JetStreamManager, key: ProductKey): Promise<Product | undefined> => {
  try {
    const stored = await jsm.streams.getMessage(STREAM.products, { last_by_subj: subjectOf(key) });
    return stored ? Product.decode(stored.data) : undefined;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === NO_MESSAGE) return undefined;
    throw error;
  }
};

/** Announces a durable product, once: 'duplicate' means that the subject held one already, from whenever. */
export const publishProduct = (
  js: JetStreamClient,
  product: Product,
  options: Omit<PublishOptions, 'msgId' | 'first'> = {},
): Promise<Published> => {
  const subject = subjectOf(product);
  return publishDurably(js, subject, Product.encode(product).finish(), messageHeaders('Product'), {
    ...options,
    msgId: subject,
    first: true,
  });
};
