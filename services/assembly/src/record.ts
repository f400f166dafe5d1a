import type { FrameRef, Keyword, Product, Stage } from '@iris-drs/proto';
import type { Exposure } from '@iris-drs/tmt';

/** What the assembly keeps of a product: enough to make the next task and to match skies. Times in ms since 1970. */
export interface ProductSummary {
  readonly frame: FrameRef;
  readonly filter: string;
  readonly scale: string;
  readonly exposureTimeSeconds: number;
  readonly startMillis: number;
  /** When it was announced. */
  readonly sinceMillis: number;
}

/** One detector's part of an exposure. */
export interface FrameState {
  readonly detector: string;
  readonly mode: string;
  readonly role: string;
  /** File with the reads, relative to the volume. */
  readonly path: string;
  /** EXTVER of the detector's SCI extension in a file of several; 0 for the only one. */
  readonly extver: number;
  /** True when the header could not be read: role and mode are then guesses from the exposure id. */
  readonly unread?: true;
  /** When the last event that its next task waits for arrived. */
  readonly lastEventMillis: number;
  /** Stages whose task is out. */
  readonly tasks: readonly Stage[];
  /** Products by level. */
  readonly products: Readonly<Record<string, ProductSummary>>;
}

/** All that is known of an exposure; JSON in the bucket `exposures`, under its id. */
export interface ExposureRecord {
  readonly exposureId: string;
  /** Empty for standalone exposures. */
  readonly observationId: string;
  readonly exposure: Exposure;
  /** By detector. */
  readonly frames: Readonly<Record<string, FrameState>>;
  /** Keywords of the telemetry snapshots at start and end, by detector. */
  readonly keywords: Readonly<Record<string, readonly Keyword[]>>;
}

export const summaryOf = (product: Product, sinceMillis: number): ProductSummary => ({
  frame: product.frame ?? { path: '', size: 0, shape: [], dtype: '', datasum: '' },
  filter: product.filter,
  scale: product.scale,
  exposureTimeSeconds: product.exposureTimeSeconds,
  startMillis: product.exposureStart?.getTime() ?? 0,
  sinceMillis,
});

/** The record with a product noted; the same record when it was noted before. */
export const withProduct = (
  record: ExposureRecord,
  product: Product,
  sinceMillis: number,
): ExposureRecord => {
  const frame = record.frames[product.detector];
  if (!frame || frame.products[product.level]) return record;
  const products = { ...frame.products, [product.level]: summaryOf(product, sinceMillis) };
  return {
    ...record,
    frames: {
      ...record.frames,
      [product.detector]: { ...frame, role: product.role || frame.role, products },
    },
  };
};

/** The record with a stage's task noted as out. */
export const withTask = (record: ExposureRecord, detector: string, stage: Stage): ExposureRecord => {
  const frame = record.frames[detector];
  if (!frame || frame.tasks.includes(stage)) return record;
  return {
    ...record,
    frames: { ...record.frames, [detector]: { ...frame, tasks: [...frame.tasks, stage] } },
  };
};
