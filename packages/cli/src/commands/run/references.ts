import { type LocalReferences, localReferences } from '@iris-drs/crds';
import { knownCache } from '../refs/cache.ts';

/** The CRDS cache of an environment, in the context that it names. */
export const referencesOf = (environment: NodeJS.ProcessEnv): LocalReferences | undefined => {
  const path = knownCache(environment);
  return path === undefined
    ? undefined
    : localReferences({ path, context: environment.CRDS_CONTEXT || undefined });
};
