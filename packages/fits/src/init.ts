import type { Header } from './header.ts';
import type { Dtype, Pixels } from './pixels.ts';

/** An image to write. In a plan the data may come later; then `dtype` says what they will be. */
export interface ImageHdu {
  readonly kind: 'image';
  readonly name?: string;
  readonly version?: number;
  /** Further keywords. Those that describe the data layout are made anew, the others are written verbatim. */
  readonly header?: Header;
  /** Slowest axis first; [] = no data. */
  readonly shape: readonly number[];
  readonly data?: Pixels;
  readonly dtype?: Dtype;
}

export type HduInit = ImageHdu;
