import type { Detector } from './detectors.ts';
import type { Progress } from './facts.ts';

export type ExposureState = 'announced' | 'exposing' | 'ended' | 'aborted';

export interface ExposureFile {
  /** As the event gave it. */
  readonly path: string;
  /** Only when the event named it. */
  readonly detector?: Detector;
  readonly level?: 'readouts' | 'raw';
  /** Writing is done; false while only its start is known. */
  readonly written: boolean;
  /** Earliest event about this file in its present condition, ISO UTC. */
  readonly time: string;
}

export interface ReadoutMark {
  /** The detector the event named; absent when it named none. */
  readonly detector?: Detector;
  readonly ramp: number;
  readonly read: number;
}

export interface FailedReadout {
  readonly detector?: Detector;
  readonly ramp?: number;
  readonly read?: number;
  readonly reason?: string;
  readonly time: string;
}

/**
 * All that is known of one exposure: a plain object that JSON holds unchanged. It does not depend on the order
 * of the events, nor on their repetition (the one exception is `inUse`, see advance).
 */
export interface Exposure {
  readonly id: string;
  readonly obsId?: string;
  /** The id was composed from observation and number: its type SCI0 is a guess. */
  readonly composedId?: true;
  readonly state: ExposureState;
  /** Set for ever by an abort, whatever is still written afterwards. */
  readonly aborted: boolean;
  readonly abortReason?: string;
  /** Earliest event about the exposure, ISO UTC. */
  readonly firstSeen: string;
  /** Start of data taking, ISO UTC; where this is missing the UT date follows from `firstSeen`. */
  readonly started?: string;
  readonly ended?: string;
  readonly abortedAt?: string;
  /** By path, then detector. */
  readonly files: readonly ExposureFile[];
  /** Detectors that take part, as the instrument said it. */
  readonly inUse?: { readonly time: string; readonly detectors: readonly Detector[] };
  /** Furthest readout announced for each detector, where events number them. */
  readonly readouts: readonly ReadoutMark[];
  /** The first hundred by time. */
  readonly failedReadouts: readonly FailedReadout[];
  /** Furthest progress; lossy at the source, for display only. */
  readonly progress?: Progress & { readonly time: string };
  /** In DMS's permanent store. */
  readonly available?: { readonly time: string; readonly uri?: string };
  readonly metadataAvailable?: string;
}
