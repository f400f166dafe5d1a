import { join } from 'node:path';
import { ROOT } from './paths.ts';

/** Services of an instance in the order they start: those that others ask come first. */
const SERVICES = ['refdb', 'assembly', 'readout', 'calib', 'imager'] as const;
export type ServiceName = (typeof SERVICES)[number];

const SOURCE = import.meta.url.endsWith('.ts');

/**
 * V8 lets its young generation grow to 32 MiB in a process that makes much garbage, which looks like a leak for the
 * first few hundred frames. Frames live outside its heap; 4 MiB are plenty.
 */
const HEAP = '--max-semi-space-size=4';

/** Node arguments that run a service, from source or from the build. */
export const serviceArgs = (name: ServiceName): string[] =>
  SOURCE
    ? [
        HEAP,
        '--conditions=@iris/source',
        '--disable-warning=ExperimentalWarning',
        join(ROOT, 'services', name, 'src', 'main.ts'),
      ]
    : [HEAP, join(ROOT, 'services', name, 'dist', 'main.js')];

/** Services that a set of modes needs. */
export const servicesFor = (modes: readonly string[]): ServiceName[] =>
  SERVICES.filter((name) => name !== 'imager' || modes.includes('imager'));
