import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the checkout or installation. */
export const ROOT = process.env.DRS_ROOT ?? resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');

/** Names the data directory that the last `drs up` used, for commands that are told nothing. */
const CURRENT = join(ROOT, '.drs', 'current');

export const rememberDataDir = (dir: string): void => {
  try {
    mkdirSync(dirname(CURRENT), { recursive: true });
    writeFileSync(CURRENT, `${dir}\n`);
  } catch {
    // A read-only installation: commands then need DRS_DATA or --data.
  }
};

/** Data directory: flag, environment, the last `drs up`, then `drs-data` in the working directory. */
export const dataDirOf = (flag: string | undefined): string => {
  const named = flag ?? process.env.DRS_DATA;
  if (named) return resolve(named);
  if (existsSync(CURRENT)) {
    const last = readFileSync(CURRENT, 'utf8').trim();
    if (existsSync(join(last, '.drs', 'state.json'))) return last;
  }
  return resolve('drs-data');
};

export const realDir = (dir: string): string => {
  mkdirSync(dir, { recursive: true });
  return realpathSync(dir);
};
