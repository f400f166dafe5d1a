import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type LocalReferences, localReferences } from '@iris-drs/crds';

/** The CRDS cache of the environment: CRDS_PATH, else ~/crds_cache, where iris_pipeline's users have theirs. */
export const referencesOf = (environment: NodeJS.ProcessEnv): LocalReferences | undefined => {
  const context = environment.CRDS_CONTEXT || undefined;
  if (environment.CRDS_PATH) return localReferences({ path: environment.CRDS_PATH, context });
  const home = join(environment.HOME ?? homedir(), 'crds_cache');
  return existsSync(join(home, 'mappings')) ? localReferences({ path: home, context }) : undefined;
};
