import { type LocalReferences, localReferences } from '@iris-drs/crds';

const HELD_CONTEXTS = 4;

/** Gives the source of a context by its name, the one in force for an empty name; keeps the most recent few. */
export const contextSources = (path: string, inForce: LocalReferences) => {
  const named = new Map<string, LocalReferences>();
  return (context: string): LocalReferences => {
    if (context === '') return inForce;
    const source = named.get(context) ?? localReferences({ path, context });
    named.delete(context);
    named.set(context, source);
    if (named.size > HELD_CONTEXTS) named.delete(named.keys().next().value!);
    return source;
  };
};
