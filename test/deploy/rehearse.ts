import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Copy, ignoredBy, parseCopy, parseDockerfile, readIgnore, type Stage } from './dockerfile.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Replaces a RUN command (its text, the stage's working directory): true when it was dealt with. */
export type Substitute = (command: string, directory: string) => boolean;

export interface Rehearsal extends Disposable {
  /** Where the last stage's files are, as `/app` in the image. */
  readonly app: string;
}

/** Copies as COPY does: a directory's content, or a file to a name or into `dir/`. */
function copy(source: string, target: string, keep: (path: string) => boolean, intoFolder: boolean): void {
  const isFolder = lstatSync(source).isDirectory();
  const destination = !isFolder && intoFolder ? join(target, basename(source)) : target;
  mkdirSync(dirname(destination), { recursive: true });
  cpSync(source, destination, { recursive: true, verbatimSymlinks: true, filter: keep });
}

/**
 * Carries out deploy/Dockerfile without a container engine: every stage becomes a folder, COPY copies
 * between them and RUN runs in the stage's working directory under this process's Node. The base
 * image's own files, USER and the isolation of a container are not rehearsed.
 */
export function rehearse(substitute: Substitute = () => false): Rehearsal {
  const base = mkdtempSync(join(tmpdir(), 'drs-image-'));
  const ignore = readIgnore(join(root, 'deploy'));
  const inContext = (path: string) => !ignoredBy(ignore, relative(root, path).split(sep).join('/'));
  const always = () => true;
  const stages = parseDockerfile(readFileSync(join(root, 'deploy', 'Dockerfile'), 'utf8'));
  const folderOf = (name: string) => join(base, name);
  let app = base;

  const place = ({ from, sources, target }: Copy, workdir: string, line: number) => {
    for (const source of sources) {
      const origin = from === undefined ? join(root, source) : join(folderOf(from), source);
      if (!existsSync(origin)) throw new Error(`deploy/Dockerfile:${line}: COPY ${source}: no such file`);
      const intoFolder = target.endsWith('/') || sources.length > 1;
      copy(origin, join(workdir, target), from === undefined ? inContext : always, intoFolder);
    }
  };

  const play = ({ name, instructions }: Stage) => {
    let workdir = folderOf(name);
    const env: Record<string, string | undefined> = {
      ...process.env,
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`,
      NODE_OPTIONS: '',
    };
    mkdirSync(workdir, { recursive: true });
    for (const { keyword, text, line } of instructions) {
      if (keyword === 'WORKDIR') {
        workdir = join(folderOf(name), text);
        mkdirSync(workdir, { recursive: true });
      } else if (keyword === 'ENV') {
        const [key = '', value = ''] = text.split('=');
        env[key] = value;
      } else if (keyword === 'COPY') {
        place(parseCopy(text), workdir, line);
      } else if (keyword === 'RUN' && !substitute(text, workdir)) {
        execFileSync('/bin/sh', ['-ec', text], {
          cwd: workdir,
          env,
          stdio: ['ignore', 2, 2],
          timeout: 600_000,
        });
      }
    }
    app = workdir;
  };

  const remove = () => rmSync(base, { recursive: true, force: true });
  try {
    for (const stage of stages) play(stage);
  } catch (error) {
    remove();
    throw error;
  }
  return { app, [Symbol.dispose]: remove };
}
