import { describe, expect, it } from 'vitest';
import { isService, isWorkload, securityFaults, serviceFaults } from './pods.ts';
import { hasKustomize, idOf, type KubeObject, render } from './render.ts';
import { schemaFaults } from './schema.ts';

const here = hasKustomize();
const objects = here ? render('overlays/full') : [];

const check = (object: KubeObject): string[] => [
  ...schemaFaults(object),
  ...(isWorkload(object) ? securityFaults(object) : []),
  ...(isService(object) ? serviceFaults(object) : []),
];

/** Sets, or with undefined removes, a field of a copy: 'spec.replicas', list indices as numbers. */
function seeded(id: string, path: string, value: unknown): KubeObject {
  const copy = structuredClone(objects.find((object) => idOf(object) === id)) as unknown as Record<
    string,
    unknown
  >;
  const keys = path.split('/');
  const parent = keys.slice(0, -1).reduce((node, key) => node[key] as Record<string, unknown>, copy);
  if (value === undefined) delete parent[keys.at(-1)!];
  else parent[keys.at(-1)!] = value;
  return copy as unknown as KubeObject;
}

const stage = 'Deployment/readout-imager';
const pod = 'spec/template/spec';
const container = `${pod}/containers/0`;

describe('the manifest check has teeth', () => {
  it.each([
    ['a wrong type', stage, 'spec/replicas', 'two'],
    ['a missing selector', stage, 'spec/selector', undefined],
    ['an unknown field', stage, `${pod}/terminationGracePeriodSecs`, 900],
    ['an unknown field of a probe', stage, `${container}/readinessProbe/grpc/srv`, 'readiness'],
    ['a port out of place', 'Service/refdb', 'spec/ports/0/port', 'grpc'],
    ['a policy with a misspelt selector', 'NetworkPolicy/deny-all', 'spec/podSelektor', {}],
    [
      'a claim without access modes of the right type',
      'PersistentVolumeClaim/drs-data',
      'spec/accessModes',
      'ReadWriteMany',
    ],
    ['a scaler without target', 'ScaledObject/calib-slicer', 'spec/scaleTargetRef', undefined],
    ['a scaler with an unknown field', 'ScaledObject/calib-slicer', 'spec/maxReplicas', 3],
    ['a kind nobody knows', 'Service/refdb', 'kind', 'Servise'],
    ['root', stage, `${pod}/securityContext/runAsNonRoot`, false],
    ['no seccomp', stage, `${pod}/securityContext/seccompProfile`, undefined],
    ['a writable root', 'StatefulSet/nats', `${container}/securityContext/readOnlyRootFilesystem`, false],
    ['capabilities', 'Job/drs-provision', `${container}/securityContext/capabilities`, undefined],
    ['an unversioned image', stage, `${container}/image`, 'iris-drs'],
    ['a mount without volume', stage, `${pod}/volumes`, []],
    ['a probe for another name', stage, `${container}/livenessProbe/grpc/service`, 'readiness'],
    ['a probe on the TLS port', stage, `${container}/readinessProbe/grpc/port`, 50051],
    ['too short a grace period', stage, `${pod}/terminationGracePeriodSeconds`, 60],
    ['no memory for frames', stage, `${container}/resources/limits/memory`, '4Gi'],
    ['no memory limit', 'Deployment/assembly', `${container}/resources/limits`, undefined],
  ])('sees %s', (_, id, path, value) => {
    if (!here) return expect(objects).toEqual([]);
    expect(check(objects.find((object) => idOf(object) === id)!)).toEqual([]);
    expect(check(seeded(id, path, value)).length).toBeGreaterThan(0);
  });
});
