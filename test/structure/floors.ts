import { dirname, join, normalize } from 'node:path';
import { FLOORS, filesUnder, type Manifest, type Room } from './rooms.ts';
import { importsOf, parseFile } from './syntax.ts';

/** Rooms that may know less than their floor allows. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  'packages/simulator': ['@iris-drs/fits', '@iris-drs/datamodels'],
};

/** Packages every room's tests may use: they are the workspace's own tools. */
const TEST_TOOLS = new Set(['vitest']);

/** What tests of several rooms start: servers on free ports. */
const SHARED_FIXTURES = 'test/fixtures/';

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Why a room may not depend on a package of the house; undefined when it may. */
export function floorFault(room: Room, dependency: string, all: readonly Room[]): string | undefined {
  const other = all.find(({ manifest }) => manifest.name === dependency);
  if (other === undefined) return `${dependency} is no room`;
  const [own, theirs] = [FLOORS[room.path], FLOORS[other.path]];
  if (own === undefined) return `${room.path} has no floor in the table`;
  if (theirs === undefined) return `${other.path} has no floor in the table`;
  if (theirs >= own)
    return `${room.path} (floor ${own}) depends on ${other.path} (floor ${theirs}); only lower floors are allowed`;
  const only = ONLY[room.path];
  if (only !== undefined && !only.includes(dependency))
    return `${room.path} depends on ${dependency}; it may know ${only.join(' and ')} alone`;
  return undefined;
}

/** Faults of a room's package.json. */
export function manifestFaults(room: Room, all: readonly Room[]): string[] {
  const { dependencies = {}, devDependencies = {} } = room.manifest;
  return Object.keys({ ...dependencies, ...devDependencies })
    .filter((name) => name.startsWith('@iris-drs/'))
    .flatMap((name) => floorFault(room, name, all) ?? []);
}

function subpathFault(other: Manifest | undefined, specifier: string): string | undefined {
  const subpath = `.${specifier.slice(packageOf(specifier).length)}`;
  return other?.exports !== undefined && !(subpath in other.exports)
    ? `imports ${specifier}, which ${other.name} does not export`
    : undefined;
}

/** Why a file of a room may not import a specifier; undefined when it may. */
export function importFault(
  room: Room,
  file: string,
  specifier: string,
  all: readonly Room[],
): string | undefined {
  const isTest = !file.startsWith(`${room.path}/src/`);
  if (specifier.startsWith('.')) {
    if (!/\.(ts|json)$/.test(specifier)) return `imports ${specifier} without its .ts extension`;
    const target = normalize(join(dirname(file), specifier));
    const isInside = target.startsWith(`${room.path}/`) || (isTest && target.startsWith(SHARED_FIXTURES));
    return isInside ? undefined : `imports ${specifier}, which leaves ${room.path}`;
  }
  if (specifier.startsWith('node:')) return undefined;
  const name = packageOf(specifier);
  // A test may use its room as others do.
  if (name === room.manifest.name && isTest) return subpathFault(room.manifest, specifier);
  if (name === room.manifest.name) return `imports its own room by name (${specifier})`;
  const declared = {
    ...room.manifest.dependencies,
    ...(isTest ? room.manifest.devDependencies : {}),
  };
  if (name.startsWith('@iris-drs/')) {
    const fault =
      floorFault(room, name, all) ??
      subpathFault(all.find(({ manifest }) => manifest.name === name)?.manifest, specifier);
    if (fault !== undefined) return fault;
  }
  if (isTest && TEST_TOOLS.has(name)) return undefined;
  return name in declared ? undefined : `imports ${specifier}, which its package.json does not declare`;
}

/** Faults of every import statement in a room's sources and tests. */
export function importFaults(room: Room, all: readonly Room[]): string[] {
  return filesUnder(room.path, /\.ts$/)
    .filter((file) => !file.startsWith('packages/kernels/assembly/'))
    .flatMap((file) =>
      importsOf(parseFile(file)).flatMap((specifier) => {
        const fault = importFault(room, file, specifier, all);
        return fault === undefined ? [] : [`${file}: ${fault}`];
      }),
    );
}

/** The modules reachable from an entry by relative imports, the entry included. */
export function reachable(entry: string, seen: Set<string> = new Set<string>()): Set<string> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const specifier of importsOf(parseFile(entry))) {
    if (specifier.startsWith('.')) reachable(normalize(join(dirname(entry), specifier)), seen);
  }
  return seen;
}
