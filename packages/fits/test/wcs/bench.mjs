/**
 * The pixel map of a 4096² TAN-SIP frame beside astropy.wcs, on one core, best of several:
 *   node --conditions=@iris/source packages/fits/test/wcs/bench.mjs
 * Times are processor time, which other work on the machine does not lengthen, and, in brackets, by the clock.
 */
import { spawnSync } from 'node:child_process';
import { frameMap, Header, parseWcs } from '../../src/index.ts';

const N = 4096;
const REPEATS = 5;
const CARDS = {
  NAXIS: 2,
  NAXIS1: N,
  NAXIS2: N,
  CTYPE1: 'RA---TAN-SIP',
  CTYPE2: 'DEC--TAN-SIP',
  CRVAL1: 150.1,
  CRVAL2: 2.2,
  CRPIX1: 2048.5,
  CRPIX2: 2048.5,
  CD1_1: -1.1e-6,
  CD1_2: 1e-8,
  CD2_1: 2e-8,
  CD2_2: 1.1e-6,
  A_ORDER: 3,
  B_ORDER: 3,
  A_2_0: 1e-6,
  A_1_1: 2e-7,
  A_0_2: -3e-7,
  A_3_0: 1e-10,
  A_1_2: 2e-10,
  B_2_0: -4e-7,
  B_1_1: 5e-7,
  B_0_2: 1e-6,
  B_0_3: 1e-10,
  B_2_1: -1e-10,
};

const PYTHON = `
import json, sys, time, warnings
import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
warnings.simplefilter("ignore")
header = fits.Header(list(json.loads(sys.argv[1]).items()))
wcs = WCS(header)
y, x = np.mgrid[0:${N}, 0:${N}].reshape(2, -1).astype(float)
cpu, wall = [], []
for _ in range(3):
    c, t = time.process_time(), time.perf_counter()
    ra, dec = wcs.all_pix2world(x, y, 0)
    cpu.append(time.process_time() - c)
    wall.append(time.perf_counter() - t)
print(json.dumps({"cpu": min(cpu), "wall": min(wall), "points": [[ra[i], dec[i]] for i in range(0, ${N * N}, 999983)]}))
`;

const ms = (seconds) => `${(1000 * seconds).toFixed(0)} ms`;

function time(work) {
  let cpu = Number.POSITIVE_INFINITY;
  let wall = Number.POSITIVE_INFINITY;
  for (let i = 0; i < REPEATS; i++) {
    const [c, t] = [process.cpuUsage(), performance.now()];
    work();
    const { user, system } = process.cpuUsage(c);
    cpu = Math.min(cpu, (user + system) / 1e6);
    wall = Math.min(wall, (performance.now() - t) / 1e3);
  }
  return { cpu, wall };
}

const wcs = parseWcs(Header.from(Object.entries(CARDS)));
let into = frameMap(wcs, [N, N]);
const reused = time(() => frameMap(wcs, [N, N], { into }));
const fresh = time(() => {
  into = frameMap(wcs, [N, N]);
});
console.log(`into given arrays  ${ms(reused.cpu)} (${ms(reused.wall)})`);
console.log(`into new arrays    ${ms(fresh.cpu)} (${ms(fresh.wall)})`);

const run = spawnSync(process.env.DRS_PYTHON ?? '/usr/bin/python3', ['-c', PYTHON, JSON.stringify(CARDS)], {
  encoding: 'utf8',
});
if (run.status !== 0) throw new Error(`astropy did not run: ${run.stderr}`);
const theirs = JSON.parse(run.stdout);
console.log(`all_pix2world      ${ms(theirs.cpu)} (${ms(theirs.wall)})`);
console.log(
  `ratio              ${(theirs.cpu / reused.cpu).toFixed(0)} into given, ${(theirs.cpu / fresh.cpu).toFixed(0)} into new arrays`,
);

const far = theirs.points.map(([ra, dec], k) => {
  const i = k * 999983;
  return Math.hypot((into[0][i] - ra) * Math.cos((dec * Math.PI) / 180), into[1][i] - dec) * 3600e3;
});
console.log(`worst difference   ${Math.max(...far).toExponential(1)} mas`);
