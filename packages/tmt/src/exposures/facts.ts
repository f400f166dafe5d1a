import type { Detector } from './detectors.ts';

/** What every fact carries. */
interface About {
  /** Normalised exposure id; absent where the event names no exposure. */
  readonly exposureId?: string;
  /** The id was composed from observation and number, so its type SCI0 is a guess. */
  readonly composedId?: true;
  readonly obsId?: string;
  /** Only when the event itself names it. */
  readonly detector?: Detector;
  /** Prefix of the publisher. */
  readonly source: string;
  /** Time of the event, ISO UTC. */
  readonly time: string;
}

export interface Readout {
  /** Numbers as published: within the ramp, within the exposure; absent in CSW's own events. */
  readonly read?: number;
  readonly ramp?: number;
  /** Its file, where reads are files of their own and the event names it. */
  readonly path?: string;
  readonly reason?: string;
}

export interface Progress {
  readonly readsInRamp?: number;
  readonly readsComplete?: number;
  readonly rampsInExposure?: number;
  readonly rampsComplete?: number;
  readonly exposureSeconds?: number;
  readonly remainingSeconds?: number;
}

export interface DetectorStatus {
  readonly operationalState?: string;
  readonly errorMessage?: string;
  readonly exposureInProgress?: boolean;
  readonly abortInProgress?: boolean;
  readonly isAborted?: boolean;
}

export type Phase = 'start' | 'end';

type What =
  | { readonly kind: 'exposure-start' | 'exposure-end' | 'prepare-start' | 'metadata-available' }
  | { readonly kind: 'exposure-aborting' | 'exposure-aborted'; readonly reason?: string }
  | { readonly kind: 'data-write-start'; readonly path: string }
  | { readonly kind: 'data-written'; readonly path: string; readonly level?: 'readouts' | 'raw' }
  | ({ readonly kind: 'readout-end' } & Readout)
  | ({ readonly kind: 'readout-failed' } & Readout)
  | ({ readonly kind: 'progress' } & Progress)
  | ({ readonly kind: 'detector-status' } & DetectorStatus)
  | { readonly kind: 'exposure-available'; readonly uri?: string }
  | { readonly kind: 'detectors-in-use'; readonly detectors: readonly Detector[] }
  | {
      readonly kind:
        | 'observation-start'
        | 'observation-end'
        | 'observe-start'
        | 'observe-end'
        | 'observe-paused'
        | 'observe-resumed';
    }
  | { readonly kind: 'downtime-start'; readonly reason?: string }
  | {
      readonly kind: 'acquisition';
      readonly step: 'preset' | 'guide-star' | 'science-target';
      readonly phase: Phase;
    }
  | { readonly kind: 'input-request'; readonly phase: Phase }
  | {
      /** Not published for every offset: never a proof that the telescope has not moved. */
      readonly kind: 'offset';
      readonly phase: Phase;
      readonly coordinateSystem?: string;
      readonly pArcsec?: number;
      readonly qArcsec?: number;
    }
  | {
      /** IRIS.is says that a phase of the observe sequence began or ended in its instruments. */
      readonly kind: 'instrument-phase';
      readonly step: 'prepare' | 'acquisition' | 'readout' | 'write' | 'observe' | 'abort';
      readonly phase: Phase;
      readonly instruments: readonly ('imager' | 'ifs')[];
    };

/** One thing that an event says, in one form for all dialects. */
export type ExposureFact = About & What;
export type FactKind = ExposureFact['kind'];
