import { execFileSync } from 'node:child_process';

export const PYTHON = process.env.DRS_PYTHON ?? '/usr/bin/python3';

/** Whether an oracle runs; fails where oracles are required, else says that it is left out. */
export function oraclePresent(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env.DRS_REQUIRE_ORACLES === '1') throw error;
    console.info(`left out: ${command} ${args.join(' ')} does not run here`);
    return false;
  }
}

export const astropyPresent = (): boolean => oraclePresent(PYTHON, ['-c', 'import numpy, scipy, astropy']);
