import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ignoredBy, parseCopy, parseDockerfile, readIgnore } from './dockerfile.ts';
import { type Rehearsal, rehearse } from './rehearse.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const stages = parseDockerfile(readFileSync(join(root, 'deploy', 'Dockerfile'), 'utf8'));
const last = stages.at(-1)!;
const instruction = (keyword: string) => last.instructions.filter((entry) => entry.keyword === keyword);

const children = (parent: string) =>
  readdirSync(join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((path) => existsSync(join(root, path, 'package.json')));
const rooms = ['proto', ...children('packages'), ...children('services')];

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, { readonly default: string }>>;
}
const manifest = (room: string) =>
  JSON.parse(readFileSync(join(root, room, 'package.json'), 'utf8')) as Manifest;

describe('the Dockerfile', () => {
  it('copies only what the checkout has', () => {
    const sources = stages
      .flatMap(({ instructions }) => instructions.filter(({ keyword }) => keyword === 'COPY'))
      .map(({ text }) => parseCopy(text))
      .filter(({ from }) => from === undefined)
      .flatMap((copy) => copy.sources);
    expect(sources.length).toBeGreaterThan(5);
    expect(sources.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('copies every room of the workspace', () => {
    const copied = stages[0]!.instructions
      .filter(({ keyword }) => keyword === 'COPY')
      .map(({ text }) => text);
    for (const folder of ['proto', 'packages', 'services']) {
      expect(copied.some((text) => parseCopy(text).sources.includes(folder))).toBe(true);
    }
  });

  it('runs as a numbered user on a slim Node 24 and leaves health to the cluster', () => {
    expect(last.base).toMatch(/^node:24[\w.]*-.*slim$/);
    expect(instruction('USER').map(({ text }) => text)).toEqual(['1000:1000']);
    expect(instruction('HEALTHCHECK')).toEqual([]);
    expect(instruction('RUN')).toEqual([]);
  });

  it('takes the package manager of the lockfile, nothing but its frozen versions', () => {
    const commands = stages.flatMap(({ instructions }) =>
      instructions.filter(({ keyword }) => keyword === 'RUN'),
    );
    const installs = commands.filter(({ text }) => /npx -y pnpm/.test(text));
    const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      packageManager: string;
    };
    expect(installs.length).toBe(3);
    for (const { text } of installs) expect(text).toContain(`npx -y ${packageManager}`);
    for (const { text } of installs.filter((entry) => / install /.test(entry.text)))
      expect(text).toContain('--frozen-lockfile');
  });

  it('keeps what tools made here out of the context', () => {
    const ignore = readIgnore(join(root, 'deploy'));
    expect(ignoredBy(ignore, 'packages/fits/node_modules/x')).toBe(true);
    expect(ignoredBy(ignore, 'node_modules')).toBe(true);
    expect(ignoredBy(ignore, 'services/calib/dist/main.js')).toBe(true);
    expect(ignoredBy(ignore, 'proto/src/gen/a.ts')).toBe(true);
    expect(ignoredBy(ignore, 'packages/fits/src/distance.ts')).toBe(false);
    expect(ignoredBy(ignore, 'packages/fits/tsconfig.json')).toBe(false);
  });
});

/** With DRS_REHEARSAL=full the packages are installed as in the image; that may need the network. */
const isFull = process.env.DRS_REHEARSAL === 'full';

/** Instead of installing packages, points at those of this checkout: the test needs no network. */
function useOwnPackages(command: string, directory: string): boolean {
  if (!command.includes('npx -y pnpm@')) return false;
  if (!command.includes(' install ') || command.includes('--prod')) return true;
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  for (const room of rooms.filter((path) => existsSync(join(root, path, 'node_modules')))) {
    cpSync(join(root, room, 'node_modules'), join(directory, room, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.includes('.vite'),
    });
  }
  return true;
}

describe('the image as rehearsed in a folder', () => {
  let image: Rehearsal;
  beforeAll(() => {
    image = rehearse(isFull ? undefined : useOwnPackages);
  }, 180_000);
  afterAll(() => image?.[Symbol.dispose]());

  const node = (args: readonly string[], cwd = image.app) =>
    spawnSync(process.execPath, args, {
      cwd,
      encoding: 'utf8',
      timeout: 30_000,
      env: { PATH: process.env.PATH ?? '' },
    });

  it('holds compiled code and no sources', () => {
    for (const room of rooms) {
      expect(existsSync(join(image.app, room, 'src')), room).toBe(false);
      for (const target of Object.values(manifest(room).exports))
        expect(existsSync(join(image.app, room, target.default)), `${room} ${target.default}`).toBe(true);
    }
    for (const build of ['kernels.wasm', 'kernels-relaxed.wasm'])
      expect(existsSync(join(image.app, 'packages/kernels/build', build)), build).toBe(true);
    expect(existsSync(join(image.app, 'test'))).toBe(false);
  });

  it('holds no development packages', () => {
    const lastInstall = stages[0]!.instructions.filter(({ text }) => text.includes('pnpm@')).at(-1)?.text;
    expect(lastInstall).toMatch(
      /^rm -rf node_modules .*&& npx .* --prod .*&& rm -rf node_modules\/node-linux-\*/,
    );
    if (!isFull) return;
    const packages = readdirSync(join(image.app, 'node_modules', '.pnpm')).join(' ');
    expect(packages).toContain('@grpc+grpc-js');
    expect(packages).toContain('@koromix+koffi-linux-');
    expect(packages).not.toMatch(/typescript@|vitest@|assemblyscript@|biome|kubernetes|node-linux/);
  });

  it('resolves every room by its default condition', () => {
    const names = rooms.flatMap((room) =>
      Object.keys(manifest(room).exports).map((path) => [room, manifest(room).name + path.slice(1)] as const),
    );
    const script = `
      import { pathToFileURL } from 'node:url';
      for (const [room, name] of ${JSON.stringify(names)}) {
        const url = import.meta.resolve(name, pathToFileURL(process.cwd() + '/' + room + '/dist/x.js'));
        if (!url.endsWith('.js')) throw new Error(name + ' resolves to ' + url);
        await import(url);
      }
      console.log('resolved ${names.length}');
      process.exit(0);`;
    const run = node(['--experimental-import-meta-resolve', '--input-type=module', '-e', script]);
    expect(run.stderr + run.stdout).toContain(`resolved ${names.length}`);
  });

  it('opens the kernels and their worker threads', () => {
    const script = `
      const { openEngine } = await import('@iris-drs/kernels');
      const engine = await openEngine({ threads: 2, maxBytes: 2 ** 26 });
      const plane = engine.float32([4, 4], 2);
      console.log('sum', plane.data.reduce((a, b) => a + b, 0));
      await engine.close();`;
    const run = node(['--input-type=module', '-e', script], join(image.app, 'services', 'readout'));
    expect(run.stderr + run.stdout).toContain('sum 32');
  });

  it.each(children('services'))('%s starts as far as its settings', (service) => {
    const run = node([`${service}/dist/main.js`]);
    expect(run.status).not.toBe(0);
    expect(run.stderr + run.stdout).toContain('DRS_DATA');
  });

  it('runs the command line', () => {
    const text = execFileSync(process.execPath, ['packages/cli/dist/main.js', '--help'], {
      cwd: image.app,
      encoding: 'utf8',
    });
    expect(text).toContain('provision');
  });
});
