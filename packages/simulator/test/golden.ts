import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simulateObservation } from '../src/observation.ts';
import type { ObservationOptions } from '../src/plan.ts';

/** A small observation with its references: one SHA-256 over events, reads, truth and reference files. */
export async function observationHash(
  dir: string,
  options: Partial<ObservationOptions> = {},
): Promise<string> {
  const hash = createHash('sha256');
  const settings: ObservationOptions = {
    dir,
    refs: join(dir, 'refs'),
    size: [63, 65],
    stars: 4,
    reads: 3,
    ramps: 2,
    science: 1,
    sky: 1,
    seed: 11,
    threads: 0,
    detectors: ['IMG1', 'IMG2'],
    ...options,
  };
  for await (const item of simulateObservation(settings)) {
    if (item.kind === 'event') hash.update(JSON.stringify(item.published));
    if (item.kind === 'references') for (const path of item.files) hash.update(readFileSync(path));
    if (item.kind === 'file') for (const path of [item.path, item.truthPath]) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}
