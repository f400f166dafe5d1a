import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Instruction {
  readonly keyword: string;
  /** The rest of the instruction, continuation lines joined, build arguments filled in. */
  readonly text: string;
  readonly line: number;
}

export interface Stage {
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** The instructions of a Dockerfile: comments dropped, continuation lines joined. */
function instructionsOf(text: string): Instruction[] {
  const found: Instruction[] = [];
  let pending: { text: string; line: number } | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(raw)) continue;
    const line = raw.trim();
    const joined = pending === undefined ? line : `${pending.text} ${line}`;
    const start = pending?.line ?? index + 1;
    if (joined.endsWith('\\')) {
      pending = { text: joined.slice(0, -1).trimEnd(), line: start };
      continue;
    }
    pending = undefined;
    const [, keyword = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(joined) ?? [];
    found.push({ keyword: keyword.toUpperCase(), text: rest, line: start });
  }
  return found;
}

/** The stages of a Dockerfile in order, with the defaults of its build arguments filled in. */
export function parseDockerfile(text: string): Stage[] {
  const args = new Map<string, string>();
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const { keyword, text: raw, line } of instructionsOf(text)) {
    const stage = stages.at(-1);
    if (keyword === 'ARG' && stage === undefined) {
      const [name = '', value = ''] = raw.split('=');
      args.set(name, value);
    } else if (keyword === 'FROM') {
      const [base = '', , name] = raw.split(/\s+/);
      const filled = base.replace(/\$\{?(\w+)\}?/g, (_, key: string) => args.get(key) ?? '');
      stages.push({ name: name ?? String(stages.length), base: filled, instructions: [] });
    } else if (stage === undefined) {
      throw new Error(`line ${line}: ${keyword} before the first FROM`);
    } else {
      stage.instructions.push({ keyword, text: raw, line });
    }
  }
  return stages;
}

export interface Copy {
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

export function parseCopy(text: string): Copy {
  const words = text.split(/\s+/);
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
}

/** Whether a .dockerignore keeps a path of the context out; covers names, `**` and `*`. */
export function ignoredBy(patterns: readonly string[], path: string): boolean {
  return patterns.some((pattern) => {
    const source = pattern
      .replace(/[.+^$(){}|[\]\\]/g, '\\$&')
      .replace(/\*\*\//g, '(?:.*/)?')
      .replace(/(?<!\.)\*/g, '[^/]*');
    return new RegExp(`^${source}(/|$)`).test(path);
  });
}

export const readIgnore = (folder: string): string[] =>
  readFileSync(join(folder, 'Dockerfile.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
