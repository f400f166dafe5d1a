// Makes what is generated (protobuf types, WebAssembly kernels) when its sources have changed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const filesUnder = (dir) =>
  readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

const digest = (paths) => {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path.slice(root.length)).update(readFileSync(path));
  return hash.digest('hex');
};

/** Runs `make` when the sources differ from those of the last run; the stamp is written last, by rename. */
const once = (name, sources, outDir, make) => {
  const stamp = join(outDir, '.stamp');
  try {
    const key = digest([...sources(), fileURLToPath(import.meta.url)]);
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return;
    process.stderr.write(`drs: generating ${name}\n`);
    mkdirSync(outDir, { recursive: true });
    make();
    writeFileSync(`${stamp}.${process.pid}`, key);
    renameSync(`${stamp}.${process.pid}`, stamp);
  } catch (error) {
    process.stderr.write(`drs: generating ${name} failed: ${error.message}\n`);
    process.exit(3);
  }
};

const scripts = (room) => () => filesUnder(join(room, 'assembly')).filter((path) => path.endsWith('.ts'));

const bin = (name) => join(root, 'node_modules', '.bin', name);
const run = (command, args, cwd) =>
  execFileSync(command, args, {
    cwd,
    // Standard output is the command's that waits for this.
    stdio: ['ignore', 2, 'inherit'],
    env: { ...process.env, BUF_CACHE_DIR: join(root, 'node_modules/.cache/buf') },
  });

const protoDir = join(root, 'proto');
once(
  'protobuf types (buf, ts-proto)',
  () => [...filesUnder(join(protoDir, 'iris')), join(protoDir, 'buf.yaml'), join(protoDir, 'buf.gen.yaml')],
  join(protoDir, 'src', 'gen'),
  () => run(bin('buf'), ['generate'], protoDir),
);

const kernelsDir = join(root, 'packages', 'kernels');
once('WebAssembly kernels (AssemblyScript)', scripts(kernelsDir), join(kernelsDir, 'build'), () => {
  const flags = '--optimizeLevel 3 --shrinkLevel 0 --noAssert --runtime stub --enable simd --enable threads';
  const memory = '--importMemory --sharedMemory --initialMemory 16 --maximumMemory 65536';
  // Engines without relaxed SIMD take the plain one.
  for (const [name, more] of [
    ['kernels.wasm', []],
    ['kernels-relaxed.wasm', ['--enable', 'relaxed-simd']],
  ]) {
    const target = join(kernelsDir, 'build', name);
    const partial = `${target}.${process.pid}`;
    const args = [
      'assembly/index.ts',
      '--outFile',
      partial,
      ...flags.split(' '),
      ...memory.split(' '),
      ...more,
    ];
    run(bin('asc'), args, kernelsDir);
    renameSync(partial, target);
    rmSync(`${partial}.map`, { force: true });
  }
});

const fitsDir = join(root, 'packages', 'fits');
once('FITS codecs (AssemblyScript)', scripts(fitsDir), join(fitsDir, 'src', 'gen'), () => {
  const wasm = join(fitsDir, 'src', 'gen', `codecs.wasm.${process.pid}`);
  const flags = '-O3 --noAssert --runtime stub --enable simd --initialMemory 1'.split(' ');
  run(bin('asc'), ['assembly/index.ts', '--outFile', wasm, ...flags], fitsDir);
  const source = `/** The module of assembly/index.ts. */\nexport const CODECS = '${readFileSync(wasm, 'base64')}';\n`;
  writeFileSync(`${wasm}.ts`, source);
  renameSync(`${wasm}.ts`, join(fitsDir, 'src', 'gen', 'codecs.ts'));
  rmSync(wasm, { force: true });
});
