import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

const kustomizeDir = join(import.meta.dirname, '..', '..', 'deploy', 'kustomize');

/**
 * Whether a kubectl is here whose kustomize knows components (5 or newer). Debian's kubernetes-client
 * carries kustomize 2 and does not; no package installs a newer one, so a machine without it is told
 * and goes on, with required oracles too: kubectl is no oracle of science.
 */
export function hasKustomize(): boolean {
  const run = spawnSync('kubectl', ['version', '--client', '-o', 'json'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  const version = /"kustomizeVersion":\s*"v(\d+)\./.exec(run.stdout ?? '')?.[1];
  if (Number(version ?? 0) >= 5) return true;
  const found = run.error === undefined ? `kustomize ${version ?? 'unknown'}` : 'no kubectl';
  console.warn(`deploy: manifests not rendered: found ${found}; kubectl >= 1.27 (kustomize 5) renders them`);
  return false;
}

/** The objects of a folder below deploy/kustomize, as `kubectl apply -k` would send them. */
export function render(folder: string): KubeObject[] {
  const text = execFileSync('kubectl', ['kustomize', join(kustomizeDir, folder)], {
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 2 ** 26,
  });
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS() as KubeObject;
  });
}

export const idOf = ({ kind, metadata }: KubeObject): string => `${kind}/${metadata.name}`;
