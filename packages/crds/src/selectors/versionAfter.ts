import { CrdsError } from '../errors.ts';
import type { PyLiteral } from '../python/literal.ts';
import { repr, stringRepr } from '../python/text.ts';
import { type Choice, required, type Selector } from './selector.ts';
import { atOrBefore, none, type StepKind, stepSelector } from './steps.ts';

type Version = readonly [number, number, number];

const compareVersions = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

const versionOf = (text: string): Version => {
  const found = /^(\d{1,8})(?:\.(\d{1,8})(?:\.(\d{1,8}))?)?[a-zA-Z0-9_+\-.]{0,128}$/.exec(text);
  // A Python assertion, so this is what CRDS calls it.
  if (!found) throw new CrdsError('AssertionError', `Invalid version string ${stringRepr(text)}`);
  return [Number(found[1]), Number(found[2] ?? 0), Number(found[3] ?? 0)];
};

const VERSION_AFTER: StepKind<Version> = {
  selector: 'VersionAfter',
  compare: compareVersions,
  pick(steps, parameters, header) {
    const wanted = versionOf(parameters.map((name) => required('VersionAfter', name, header)).join('.'));
    const found = atOrBefore(steps, wanted, compareVersions);
    if (!found) throw none('VersionAfterError', `(${wanted.join(', ')})`);
    return found;
  },
};

/** Chooses the last rule whose version x.y.z is not after the header's. */
export const versionAfterSelector = (
  parameters: readonly string[],
  entries: readonly (readonly [PyLiteral, Choice])[],
): Selector => {
  const steps = entries
    .map(([key, choice]) => ({ key: versionOf(typeof key === 'string' ? key : repr(key)), choice }))
    .sort((a, b) => compareVersions(a.key, b.key));
  return stepSelector(VERSION_AFTER, parameters, steps);
};
