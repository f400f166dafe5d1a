import type { FrameRef, Keyword, Product, Stage } from '@iris-drs/proto';
import type { Detector, Exposure, TelemetrySnapshot } from '@iris-drs/tmt';

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

/** A file that an event said is written. */
export interface WrittenFile {
  /** As the event gave it. */
  readonly path: string;
  /** Only when the event named it. */
  readonly detector?: Detector;
  readonly level?: 'readouts' | 'raw';
  readonly arrivedMillis: number;
  /** `pending` until it is visible on the volume; `taken` when its frames are known, or it was left aside for good. */
  readonly state: 'pending' | 'taken' | 'refused';
  /** The first read of a ramp whose reads are files of their own. */
  readonly follow?: true;
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
  readonly level?: 'readouts' | 'raw';
  /** UT date of the exposure start, YYYYMMDD: the directory of all its products. */
  readonly utDate: string;
  /** When the last event that its next task waits for arrived. */
  readonly lastEventMillis: number;
  /** Its reads are files of their own, of which `path` is the first: the readout task follows them. */
  readonly follow?: true;
  /** The bus knows that there are no more of them. */
  readonly endAnnounced?: true;
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
  readonly files: readonly WrittenFile[];
  /** By detector. */
  readonly frames: Readonly<Record<string, FrameState>>;
  /** Keywords of the telemetry at start and end, by detector; until the detector's readout task has taken them. */
  readonly keywords: Readonly<Record<string, readonly Keyword[]>>;
  /** Telemetry at the start that tells the exposure's role and mode. */
  readonly atStart?: TelemetrySnapshot;
}

export const summaryOf = (product: Product, sinceMillis: number): ProductSummary => ({
  frame: product.frame ?? { path: '', size: 0, shape: [], dtype: '', datasum: '' },
  filter: product.filter,
  scale: product.scale,
  exposureTimeSeconds: product.exposureTimeSeconds,
  startMillis: product.exposureStart?.getTime() ?? 0,
  sinceMillis,
});

export const withFrame = (record: ExposureRecord, frame: FrameState): ExposureRecord => ({
  ...record,
  frames: { ...record.frames, [frame.detector]: frame },
});

export const withFileState = (
  record: ExposureRecord,
  file: WrittenFile,
  state: WrittenFile['state'],
): ExposureRecord => ({
  ...record,
  files: record.files.map((other) => (other === file ? { ...other, state } : other)),
});

/** The record with a product noted; the same record when it was noted before. */
export const withProduct = (
  record: ExposureRecord,
  product: Product,
  sinceMillis: number,
): ExposureRecord => {
  const frame = record.frames[product.detector];
  if (!frame || frame.mode !== product.mode || frame.products[product.level]) return record;
  const products = { ...frame.products, [product.level]: summaryOf(product, sinceMillis) };
  return withFrame(record, { ...frame, products });
};

/** The record with a stage's task noted as out; readout takes the detector's keywords with it. */
export const withTask = (record: ExposureRecord, detector: string, stage: Stage): ExposureRecord => {
  const frame = record.frames[detector];
  if (!frame || frame.tasks.includes(stage)) return record;
  const next = withFrame(record, { ...frame, tasks: [...frame.tasks, stage] });
  if (stage !== 'readout') return next;
  const { [detector]: _taken, ...keywords } = record.keywords;
  return { ...next, keywords };
};

/** The record with the end of a detector's reads noted as announced; the keywords went with it. */
export const withEnd = (record: ExposureRecord, frame: FrameState): ExposureRecord => {
  const { [frame.detector]: _told, ...keywords } = record.keywords;
  return { ...withFrame(record, { ...frame, endAnnounced: true }), keywords };
};

/** True when events about the detector's start and end can still add to its keywords. */
export const takesKeywords = (record: ExposureRecord, detector: string): boolean =>
  isFollowed(record.frames[detector]) ||
  (!record.frames[detector]?.tasks.includes('readout') && !record.frames[detector]?.products.l1);

const isFollowed = (frame: FrameState | undefined): boolean =>
  frame?.follow === true && !frame.endAnnounced && !frame.products.l1;
