import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root. */
export const root: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Floors of the house: a room imports only from lower ones. */
export const FLOORS: Readonly<Record<string, number>> = {
  proto: 0,
  'packages/fits': 0,
  'packages/kernels': 0,
  'packages/datamodels': 1,
  'packages/crds': 1,
  'packages/tmt': 1,
  'packages/stpipe': 2,
  'packages/simulator': 2,
  'packages/bus': 3,
  'services/assembly': 4,
  'services/readout': 4,
  'services/calib': 4,
  'services/imager': 4,
  'services/ifs': 4,
  'services/refdb': 4,
  'services/quicklook': 4,
  'packages/pipelines': 5,
  'packages/cli': 6,
};

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly type?: string;
  readonly license?: string;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A package of the workspace: `path` is relative to the root. */
export interface Room {
  readonly path: string;
  readonly manifest: Manifest;
}

const IGNORED = new Set(['node_modules', 'dist', 'build', 'gen', 'coverage', '__snapshots__']);

/** AssemblyScript has syntax of its own, and a compiler that checks it. */
const ASSEMBLY_SCRIPT = /^packages\/[^/]+\/assembly$/;

/** Files below a folder of the checkout, relative to the root, without what tools generate. */
export function filesUnder(folder: string, extension: RegExp): string[] {
  const visit = (directory: string): string[] =>
    readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
      if (entry.name.startsWith('.') || IGNORED.has(entry.name)) return [];
      const path = join(directory, entry.name);
      const name = relative(root, path).split(sep).join('/');
      if (entry.isDirectory()) return ASSEMBLY_SCRIPT.test(name) ? [] : visit(path);
      return entry.isFile() && extension.test(entry.name) ? [name] : [];
    });
  const start = join(root, folder);
  return existsSync(start) ? visit(start).sort() : [];
}

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

export const readManifest = (folder: string): Manifest =>
  JSON.parse(readText(join(folder, 'package.json'))) as Manifest;

/** Every room that exists: proto, packages/*, services/*. */
export function rooms(): Room[] {
  const children = (parent: string) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
  return ['proto', ...children('packages'), ...children('services')]
    .filter((path) => existsSync(join(root, path, 'package.json')))
    .map((path) => ({ path, manifest: readManifest(path) }));
}
