import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  type Container,
  envOf,
  isService,
  isWorkload,
  podOf,
  securityFaults,
  serviceFaults,
} from './pods.ts';
import { hasKustomize, idOf, type KubeObject, render } from './render.ts';
import { schemaFaults } from './schema.ts';

const root = join(import.meta.dirname, '..', '..');
const MODES = ['imager', 'lenslet', 'slicer'] as const;
const STAGES = {
  imager: ['readout', 'calib', 'imager'],
  lenslet: ['readout', 'calib'],
  slicer: ['readout', 'calib'],
};
const overlays = [...MODES, 'full'] as const;
type Overlay = (typeof overlays)[number];

const here = hasKustomize();
const rendered = new Map<Overlay, KubeObject[]>(
  here ? overlays.map((name) => [name, render(`overlays/${name}`)]) : [],
);
const objects = (name: Overlay) => rendered.get(name) ?? [];
const find = (name: Overlay, id: string): KubeObject | undefined =>
  objects(name).find((object) => idOf(object) === id);
const settings = (name: Overlay) =>
  objects(name).find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('drs-settings-'),
  );
const dataOf = (object: KubeObject | undefined) => (object?.data ?? {}) as Record<string, string>;
const drs = (object: KubeObject): Container => podOf(object).containers[0]!;

describe.each(overlays)('overlay %s', (name) => {
  it('renders objects that the schemas accept', () => {
    expect(objects(name).length > 20).toBe(here);
    expect(objects(name).flatMap(schemaFaults)).toEqual([]);
  });

  it('runs every pod without privileges', () => {
    expect(objects(name).filter(isWorkload).flatMap(securityFaults)).toEqual([]);
  });

  it('probes, drains, bounds and mounts every service', () => {
    expect(objects(name).filter(isService).flatMap(serviceFaults)).toEqual([]);
  });

  it('keeps everything in one namespace under distinct names', () => {
    const own = objects(name).filter(({ kind }) => kind !== 'Namespace');
    expect(own.filter(({ metadata }) => metadata.namespace !== 'iris-drs').map(idOf)).toEqual([]);
    expect(new Set(own.map(idOf)).size).toBe(own.length);
  });

  it('refers only to config maps, claims and accounts that it renders', () => {
    const names = (kind: string) =>
      objects(name)
        .filter((object) => object.kind === kind)
        .map(({ metadata }) => metadata.name);
    const pods = objects(name).filter(isWorkload).map(podOf);
    const configMaps = pods.flatMap(({ containers, volumes = [] }) => [
      ...containers.flatMap(({ envFrom = [], env = [] }) => [
        ...envFrom.map(({ configMapRef }) => configMapRef?.name),
        ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
      ]),
      ...volumes.map(({ configMap }) => configMap?.name),
    ]);
    const claims = pods.flatMap(({ volumes = [] }) =>
      volumes.map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName),
    );
    const unknown = (found: readonly (string | undefined)[], kind: string) =>
      [...new Set(found)].filter((entry) => entry !== undefined && !names(kind).includes(entry));
    expect(unknown(configMaps, 'ConfigMap')).toEqual([]);
    expect(unknown(claims, 'PersistentVolumeClaim')).toEqual([]);
  });

  it('lets nothing talk unless a policy says so', () => {
    if (!here) return expect(objects(name)).toEqual([]);
    expect(find(name, 'NetworkPolicy/deny-all')?.spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
  });
});

describe.each(MODES)('mode %s', (mode) => {
  it('has its own stages, which take the tasks of the mode alone', () => {
    const stages = objects(mode).filter(
      ({ kind, metadata }) =>
        kind === 'Deployment' && metadata.labels?.['iris-drs.tmt.org/mode'] !== undefined,
    );
    expect(stages.map(({ metadata }) => metadata.name).sort()).toEqual(
      here ? STAGES[mode].map((stage) => `${stage}-${mode}`).sort() : [],
    );
    for (const stage of stages) {
      const source = envOf(drs(stage), 'DRS_MODES')?.valueFrom?.configMapKeyRef;
      // The hash in the name makes a change of the mode roll the pods.
      expect(source?.name).toMatch(new RegExp(`^drs-mode-${mode}-[a-z0-9]{10}$`));
      expect(dataOf(find(mode, `ConfigMap/${source?.name}`)).DRS_MODES).toBe(mode);
      const { selector } = stage.spec as { selector: { matchLabels: Record<string, string> } };
      expect(selector.matchLabels['iris-drs.tmt.org/mode']).toBe(mode);
    }
  });

  it('shares with the other modes what is there once', () => {
    const shared = (name: Overlay) =>
      objects(name).filter(({ metadata }) => metadata.labels?.['iris-drs.tmt.org/mode'] === undefined);
    expect(shared(mode)).toEqual(shared('imager'));
  });

  it('scales its stages by its own queues', () => {
    const scalers = objects('full').filter(
      ({ kind, metadata }) => kind === 'ScaledObject' && metadata.labels?.['iris-drs.tmt.org/mode'] === mode,
    );
    expect(scalers.length).toBe(here ? STAGES[mode].length : 0);
    for (const { metadata, spec } of scalers) {
      const { scaleTargetRef, triggers } = spec as {
        scaleTargetRef: { name: string };
        triggers: { metadata: { consumer: string; stream: string } }[];
      };
      expect(find('full', `Deployment/${scaleTargetRef.name}`)).toBeDefined();
      expect(triggers[0]?.metadata).toMatchObject({ stream: 'TASKS', consumer: scaleTargetRef.name });
      expect(metadata.name).toBe(scaleTargetRef.name);
    }
  });
});

describe('the installation', () => {
  it('runs assembly with a standby and every service by its own command', () => {
    if (!here) return expect(rendered.size).toBe(0);
    expect((find('imager', 'Deployment/assembly')!.spec as { replicas: number }).replicas).toBe(2);
    for (const object of objects('full').filter(isService)) {
      const service = podOf(object).containers[0]!.command!.join(' ');
      expect(service).toMatch(/^node services\/[a-z]+\/dist\/main\.js$/);
      const folder = service.split('/').slice(0, 2).join('/').replace('node ', '');
      expect(existsSync(join(root, folder, 'package.json')), folder).toBe(true);
    }
    expect(drs(find('imager', 'Job/drs-provision')!).command).toEqual([
      'node',
      'packages/cli/dist/main.js',
      'provision',
    ]);
  });

  it('lets nodes drain, one replica of a service at a time', () => {
    const budgets = objects('full').filter(({ kind }) => kind === 'PodDisruptionBudget');
    const services = objects('full').filter(isService);
    expect(budgets.map(({ metadata }) => metadata.name).sort()).toEqual(
      services.map(({ metadata }) => metadata.name).sort(),
    );
    for (const { spec, metadata } of budgets) {
      const { selector } = spec as { selector: { matchLabels: object } };
      const template = (find('full', `Deployment/${metadata.name}`)!.spec as { template: KubeObject })
        .template;
      expect(template.metadata.labels).toMatchObject(selector.matchLabels);
      expect(spec).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
    }
  });

  it('reaches every service by the name of its headless Service', () => {
    for (const object of objects('full').filter(isService)) {
      const service = find('full', `Service/${object.metadata.name}`);
      expect(service, object.metadata.name).toBeDefined();
      expect(service!.spec).toMatchObject({ clusterIP: 'None', ports: [{ port: 50051 }] });
      const { template } = object.spec as { template: KubeObject };
      expect(template.metadata.labels).toMatchObject((service!.spec as { selector: object }).selector);
    }
    expect(objects('full').some(isService)).toBe(here);
  });

  it('puts data and references on volumes that many nodes write', () => {
    for (const claim of ['drs-data', 'drs-crds']) {
      const spec = find('imager', `PersistentVolumeClaim/${claim}`)?.spec as
        | { accessModes: string[] }
        | undefined;
      expect(spec?.accessModes).toEqual(here ? ['ReadWriteMany'] : undefined);
    }
    const writers = objects('full')
      .filter(isService)
      .filter((object) =>
        drs(object).volumeMounts?.some(({ name, readOnly }) => name === 'crds' && readOnly !== true),
      );
    expect(writers.map(idOf)).toEqual(here ? ['Deployment/refdb'] : []);
  });

  it('offers beyond loopback only what asks for credentials, and health', () => {
    if (!here) return expect(rendered.size).toBe(0);
    const data = dataOf(settings('imager'));
    expect(data.DRS_GRPC_ADDRESS).toBe('0.0.0.0:50051');
    expect(data.DRS_HEALTH_ADDRESS).toBe('0.0.0.0:50052');
    for (const name of ['DRS_GRPC_CERT', 'DRS_GRPC_KEY', 'DRS_GRPC_CA'])
      expect(data[name]).toMatch(/^\/etc\/drs\/tls\//);
  });

  it('sends telemetry to the collector where there is one', () => {
    expect(dataOf(settings('imager')).OTEL_EXPORTER_OTLP_ENDPOINT).toBeUndefined();
    expect(dataOf(settings('full')).OTEL_EXPORTER_OTLP_ENDPOINT).toBe(
      here ? 'http://otel-collector:4318' : undefined,
    );
    const config = parse(
      readFileSync(join(root, 'deploy/kustomize/components/tracing/collector-config.yaml'), 'utf8'),
    ) as {
      receivers: object;
      processors: object;
      exporters: object;
      service: {
        pipelines: Record<string, { receivers: string[]; processors: string[]; exporters: string[] }>;
      };
    };
    for (const pipeline of Object.values(config.service.pipelines)) {
      for (const part of ['receivers', 'processors', 'exporters'] as const)
        expect(Object.keys(config[part])).toEqual(expect.arrayContaining(pipeline[part]));
    }
  });

  it('configures NATS as its server understands it', () => {
    const config = join(root, 'deploy/kustomize/components/nats/nats.conf');
    const run = spawnSync('nats-server', ['-t', '-c', config], {
      encoding: 'utf8',
      timeout: 20_000,
      env: { ...process.env, POD_NAME: 'nats-0' },
    });
    if (run.error !== undefined && process.env.DRS_REQUIRE_ORACLES !== '1')
      return console.warn('deploy: nats.conf not checked: no nats-server here');
    expect(`${run.error ?? ''}${run.stderr}`).toContain('configuration file');
    expect(run.status).toBe(0);
  });

  it('sets only variables that the sources read', () => {
    const sources = ['packages', 'services']
      .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name, 'src')))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) =>
        readdirSync(folder, { recursive: true, encoding: 'utf8' })
          .filter((path) => path.endsWith('.ts'))
          .map((path) => readFileSync(join(folder, path), 'utf8')),
      )
      .join('\n');
    const set = [
      ...Object.keys(dataOf(settings('full'))),
      ...objects('full')
        .filter(isService)
        .flatMap((object) => drs(object).env?.map(({ name }) => name) ?? []),
    ].filter((name) => /^(DRS|NATS|CRDS)_/.test(name));
    expect(
      [...new Set(set)].filter((name) => !sources.includes(`'${name}'`) && !sources.includes(`.${name}`)),
    ).toEqual([]);
  });
});
