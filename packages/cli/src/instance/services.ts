import { join } from 'node:path';
import { ROOT } from './paths.ts';

/** Services of an instance in the order they start: those that others ask come first. */
const SERVICES = ['refdb', 'assembly', 'readout', 'calib', 'imager'] as const;
export type ServiceName = (typeof SERVICES)[number];

const SOURCE = import.meta.url.endsWith('.ts');

/** Node arguments that run a service, from source or from the build. */
export const serviceArgs = (name: ServiceName): string[] =>
  SOURCE
    ? [
        '--conditions=@iris/source',
        '--disable-warning=ExperimentalWarning',
        join(ROOT, 'services', name, 'src', 'main.ts'),
      ]
    : [join(ROOT, 'services', name, 'dist', 'main.js')];

/** Services that a set of modes needs. */
export const servicesFor = (modes: readonly string[]): ServiceName[] =>
  SERVICES.filter((name) => name !== 'imager' || modes.includes('imager'));
