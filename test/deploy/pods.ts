import { idOf, type KubeObject } from './render.ts';

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly configMapKeyRef?: { readonly name: string; readonly key: string } };
  }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }[];
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
  readonly securityContext?: {
    readonly readOnlyRootFilesystem?: boolean;
    readonly allowPrivilegeEscalation?: boolean;
    readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  };
  readonly [probe: `${string}Probe`]: Probe | undefined;
}

interface Probe {
  readonly grpc?: { readonly port: number; readonly service?: string };
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: {
    readonly runAsNonRoot?: boolean;
    readonly runAsUser?: number;
    readonly seccompProfile?: { readonly type: string };
  };
  readonly volumes?: readonly {
    readonly name: string;
    readonly persistentVolumeClaim?: { readonly claimName: string };
    readonly secret?: { readonly secretName: string };
    readonly configMap?: { readonly name: string };
    readonly emptyDir?: { readonly sizeLimit?: string };
  }[];
}

interface Workload {
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'Job']);
export const isWorkload = ({ kind }: KubeObject): boolean => WORKLOADS.has(kind);
export const podOf = (object: KubeObject): PodSpec => (object as unknown as Workload).spec.template.spec;

/** Deployments of our own services: those that carry a gRPC port. */
export const isService = (object: KubeObject): boolean =>
  object.kind === 'Deployment' && object.metadata.labels?.['app.kubernetes.io/part-of'] === 'iris-drs';

export const envOf = (container: Container, name: string) =>
  container.env?.find((entry) => entry.name === name);

const MEBIBYTES: Readonly<Record<string, number>> = { Mi: 1, Gi: 1024, Ti: 1024 * 1024 };

/** A Kubernetes quantity with a binary suffix, in MiB. */
function mebibytes(quantity: string | undefined): number {
  const [, digits, unit] = /^(\d+)(Mi|Gi|Ti)$/.exec(quantity ?? '') ?? [];
  return Number(digits ?? 0) * (MEBIBYTES[unit ?? ''] ?? 0);
}

/** What the restricted pod security standard and our own rules ask of every pod. */
export function securityFaults(object: KubeObject): string[] {
  const pod = podOf(object);
  const faults: string[] = [];
  const need = (holds: boolean, what: string) => {
    if (!holds) faults.push(`${idOf(object)}: ${what}`);
  };
  need(pod.automountServiceAccountToken === false, 'mounts a service account token');
  need(pod.securityContext?.runAsNonRoot === true, 'may run as root');
  need((pod.securityContext?.runAsUser ?? 0) > 0, 'has no numbered user');
  need(pod.securityContext?.seccompProfile?.type === 'RuntimeDefault', 'has no seccomp profile');
  for (const { name, securityContext, resources, image } of pod.containers) {
    need(securityContext?.readOnlyRootFilesystem === true, `${name}: root file system can be written`);
    need(securityContext?.allowPrivilegeEscalation === false, `${name}: privileges may grow`);
    need(securityContext?.capabilities?.drop?.includes('ALL') === true, `${name}: keeps capabilities`);
    need(securityContext?.capabilities?.add === undefined, `${name}: adds capabilities`);
    need(mebibytes(resources?.limits?.memory) > 0, `${name}: no memory limit`);
    need(mebibytes(resources?.requests?.memory) > 0, `${name}: no memory request`);
    need(/:[\w.-]+$/.test(image) && !image.endsWith(':latest'), `${name}: image ${image} has no version`);
  }
  for (const { name, mountPath } of pod.containers.flatMap(({ volumeMounts = [] }) => volumeMounts))
    need(
      pod.volumes?.some((volume) => volume.name === name) === true || name === 'nats-data',
      `${mountPath}: no volume ${name}`,
    );
  return faults;
}

/** A 4096² frame of float32; the heap that NODE_OPTIONS allows; where the frame pool of a stage ends. MiB. */
const FRAME_MEBIBYTES = 64;
const HEAP_MEBIBYTES = 512;
const POOL_MEBIBYTES = 4096;

/** The health service's names that each probe asks for. */
export const HEALTH_NAMES = { startup: 'liveness', liveness: 'liveness', readiness: 'readiness' } as const;

/** What our own services need beside: probes by health name, time to drain, memory for frames, volumes. */
export function serviceFaults(object: KubeObject): string[] {
  const pod = podOf(object);
  const drs = pod.containers[0]!;
  const faults: string[] = [];
  const need = (holds: boolean, what: string) => {
    if (!holds) faults.push(`${idOf(object)}: ${what}`);
  };
  const healthPort = drs.ports?.find(({ name }) => name === 'health')?.containerPort;
  for (const [role, name] of Object.entries(HEALTH_NAMES)) {
    const grpc = drs[`${role}Probe`]?.grpc;
    need(grpc?.service === name, `the ${role} probe asks for '${grpc?.service}'`);
    need(grpc !== undefined && grpc.port === healthPort, `the ${role} probe is not on the health port`);
  }
  const drain = Number(envOf(drs, 'DRS_DRAIN_SECONDS')?.value ?? Number.NaN);
  need(
    (pod.terminationGracePeriodSeconds ?? 30) >= drain + 30,
    `is killed before its ${drain} s drain is over`,
  );
  const memory = mebibytes(drs.resources?.limits?.memory);
  const isStage = envOf(drs, 'DRS_MODES') !== undefined;
  const frames = isStage ? POOL_MEBIBYTES : 2 * FRAME_MEBIBYTES;
  need(memory > frames + HEAP_MEBIBYTES, `${memory} MiB hold no ${frames} MiB of frames beside the heap`);
  const claimAt = (path: string) => {
    const mount = drs.volumeMounts?.find(({ mountPath }) => mountPath === path);
    return pod.volumes?.find(({ name }) => name === mount?.name);
  };
  need(claimAt('/var/lib/drs/data')?.persistentVolumeClaim?.claimName === 'drs-data', 'has no data volume');
  need(claimAt('/var/lib/drs/crds')?.persistentVolumeClaim?.claimName === 'drs-crds', 'has no CRDS cache');
  need(claimAt('/tmp')?.emptyDir?.sizeLimit !== undefined, 'has no bounded /tmp');
  need(claimAt('/etc/drs/tls')?.secret !== undefined, 'listens beyond loopback without credentials');
  return faults;
}
