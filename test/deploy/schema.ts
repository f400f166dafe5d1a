import * as client from '@kubernetes/client-node';
import * as keda from '@kubernetes-models/keda/keda.sh/v1alpha1';
import * as apps from 'kubernetes-models/apps/v1';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import { idOf, type KubeObject } from './render.ts';

type Model = new (data: never) => { validate(): void };

/** JSON schemas by apiVersion: they see wrong types, missing fields and bad values. */
const MODELS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  v1: core,
  'apps/v1': apps,
  'batch/v1': batch,
  'networking.k8s.io/v1': networking,
  'policy/v1': policy,
  'keda.sh/v1alpha1': keda,
};

function modelFaults(object: KubeObject): string[] {
  const model = MODELS[object.apiVersion]?.[object.kind] as Model | undefined;
  if (model === undefined) return [`no schema for ${object.apiVersion} ${object.kind}`];
  try {
    new model(object as never).validate();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}

const attributesOf = (type: string): readonly Attribute[] | undefined =>
  (client as unknown as Record<string, { getAttributeTypeMap?: () => Attribute[] } | undefined>)[
    type
  ]?.getAttributeTypeMap?.();

const SCALARS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  IntOrString: (value) => typeof value === 'string' || Number.isInteger(value),
};

/** The client's attribute maps: they see fields that no version of the API knows. */
function fieldFaults(value: unknown, type: string, path: string): string[] {
  const scalar = SCALARS[type];
  if (scalar !== undefined) return scalar(value) ? [] : [`${path} is no ${type}`];
  const item = /^Array<(.+)>$/.exec(type)?.[1];
  if (item !== undefined) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((entry, index) => fieldFaults(entry, item, `${path}[${index}]`));
  }
  const entries = Object.entries((value ?? {}) as Record<string, unknown>);
  const member = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (member !== undefined)
    return entries.flatMap(([key, entry]) => fieldFaults(entry, member, `${path}.${key}`));
  const attributes = attributesOf(type);
  if (attributes === undefined) return [];
  return entries.flatMap(([key, entry]) => {
    const attribute = attributes.find(({ baseName }) => baseName === key);
    return attribute === undefined
      ? [`${path}.${key} is no field of ${type}`]
      : fieldFaults(entry, attribute.type, `${path}.${key}`);
  });
}

/** KEDA's client has no attribute maps; these are all fields of a ScaledObject's spec (KEDA 2). */
const SCALED_OBJECT_SPEC = new Set([
  'advanced',
  'cooldownPeriod',
  'fallback',
  'idleReplicaCount',
  'initialCooldownPeriod',
  'maxReplicaCount',
  'minReplicaCount',
  'pollingInterval',
  'scaleTargetRef',
  'triggers',
]);

const scalerFaults = (object: KubeObject): string[] =>
  Object.keys(object.spec as object)
    .filter((key) => !SCALED_OBJECT_SPEC.has(key))
    .map((key) => `spec.${key} is no field of ScaledObject`);

/** Everything a schema has against an object, each line naming the object. */
export function schemaFaults(object: KubeObject): string[] {
  const known = attributesOf(`V1${object.kind}`) !== undefined;
  const fields = known
    ? fieldFaults(object, `V1${object.kind}`, '')
    : object.kind === 'ScaledObject'
      ? scalerFaults(object)
      : [`no attribute map for ${object.kind}`];
  return [...modelFaults(object), ...fields].map((fault) => `${idOf(object)}: ${fault}`);
}
