import type { DetectorSettings } from './detector.ts';
import { invalidSetting } from './errors.ts';

/** A rectangle of pixels of the whole detector; 0-based corner. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly nx: number;
  readonly ny: number;
}

interface Framed {
  readonly detector: DetectorSettings;
  /** Subarray that is read; without it the whole detector. */
  readonly window?: Rectangle;
}

/** The pixels that a read holds. */
export const frameOf = ({ detector: { shape }, window }: Framed): Rectangle =>
  window ?? { x: 0, y: 0, nx: shape[1], ny: shape[0] };

export const contains = (area: Rectangle, x: number, y: number): boolean =>
  x >= area.x && y >= area.y && x < area.x + area.nx && y < area.y + area.ny;

/** @throws SimulatorError InvalidSetting when a rectangle is empty or leaves the detector */
export function checkRectangle(
  setting: string,
  area: Rectangle,
  { shape: [ny, nx] }: DetectorSettings,
): void {
  const { x, y } = area;
  const whole = [x, y, area.nx, area.ny].every((n) => Number.isInteger(n) && n >= 0);
  if (whole && area.nx > 0 && area.ny > 0 && x + area.nx <= nx && y + area.ny <= ny) return;
  throw invalidSetting(
    setting,
    `${area.nx}×${area.ny} pixels from column ${x} and row ${y}`,
    `a part of the detector's ${nx}×${ny} pixels, counted from 0`,
  );
}
