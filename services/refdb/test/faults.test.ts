import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectBus, provision } from '@iris-drs/bus';
import { buildCache, fileChecksum, history, loadContext, referenceFiles } from '@iris-drs/crds';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type NatsServer, startNatsServer } from '../../../test/fixtures/nats.ts';
import { type Replica, startReplica } from './fixtures/replica.ts';
import { type Complaints, ingestSomewhere, lookUp, makePair, type Pair } from './fixtures/workload.ts';

const ROUNDS = Number(process.env.DRS_FAULTS_ROUNDS ?? 20);
const INGESTS = Number(process.env.DRS_FAULTS_INGESTS ?? 200);
const SEED = Number(process.env.DRS_FAULTS_SEED ?? Date.now() % 1e9);
const PROCESSES = 3;

/** mulberry32 */
const random = (() => {
  let state = SEED >>> 0;
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
})();
const pick = (count: number): number => Math.floor(random() * count);

let dir: string;
let cache: string;
let nats: NatsServer;
const replicas: Replica[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'refdb-faults-'));
  cache = join(dir, 'cache');
  nats = await startNatsServer({ isolated: true });
  const nc = await connectBus({ url: nats.url, name: 'test' });
  await provision(nc, { leaseTtlMs: 1_000 });
  await nc.close();
  const rules = { parameters: ['META.INSTRUMENT.DETECTOR'], references: [] };
  await buildCache(cache, { types: { dark: rules, flat: rules, mask: 'N/A' } });
}, 60_000);
afterAll(async () => {
  for (const replica of replicas) replica.kill();
  await nats.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Every context that was ever in force is whole, and every reference it names is there as it was ingested. */
const checkCache = async (complaints: Complaints): Promise<void> => {
  const told = history(cache);
  const sums = new Map(told.flatMap(({ references }) => references.map(({ file, sha1 }) => [file, sha1])));
  const read = (file: string): string => readFileSync(join(cache, 'mappings/tmt', file), 'utf8');
  for (const { to, from, serial } of told) {
    const before = told.find((entry) => entry.serial === serial - 1);
    if (serial > 1 && before?.to !== from) complaints.push(`entry ${serial} does not follow ${serial - 1}`);
    const context = await loadContext(to, read);
    for (const [file, problem] of context.problems) complaints.push(`${to}: ${file}: ${problem.message}`);
    for (const file of referenceFiles(context))
      if (!sums.has(file)) complaints.push(`${to} names ${file}, which no entry tells of`);
  }
  for (const [file, sha1] of sums) {
    const found = await fileChecksum(join(cache, 'references/tmt/iris', file));
    if (found.sha1 !== sha1) complaints.push(`${file} has other bytes than were ingested`);
  }
};

it(`${INGESTS} ingests among lookups lose nothing while a process is killed in each of ${ROUNDS} rounds`, {
  timeout: 60_000 + ROUNDS * 15_000,
}, async () => {
  console.log(`seed ${SEED} (DRS_FAULTS_SEED)`);
  const begun = performance.now();
  let started = 0;
  const start = async (): Promise<Replica> => {
    const replica = await startReplica({ name: `refdb-${started++}`, dir, cache, natsUrl: nats.url });
    replicas.push(replica);
    return replica;
  };
  const complaints: Complaints = [];
  const acknowledged: Pair[] = [];
  const counts = { broken: 0 };
  const state = { complaints, contexts: new Set<string>(), answers: 0 };
  let finished = false;
  const readers: Promise<void>[] = [];
  const observe = (replica: Replica): void => {
    readers.push(lookUp(replica, acknowledged, pick, state, () => finished));
  };
  for (const replica of await Promise.all(Array.from({ length: PROCESSES }, start))) observe(replica);
  const living = (): Replica | undefined => {
    const alive = replicas.filter((replica) => replica.alive);
    return alive[pick(alive.length)];
  };
  let next = 0;
  // How long the work of a round takes: the kill falls anywhere in it.
  let roundMs = 400;
  for (let round = 0; round < ROUNDS; round++) {
    // The one that takes the place of the one to be killed starts while the others work.
    const spare = start();
    const count = Math.floor(((round + 1) * INGESTS) / ROUNDS) - next;
    const pairs = Array.from({ length: count }, () => makePair(join(dir, 'made'), next++));
    const work = pairs.map(async (pair) => {
      await ingestSomewhere(pair, living, counts);
      acknowledged.push(pair);
    });
    const from = performance.now();
    await Promise.all([Promise.all(work), sleep(random() * roundMs).then(() => living()?.kill())]);
    roundMs = performance.now() - from;
    observe(await spare);
  }
  finished = true;
  await Promise.all(readers);
  await checkCache(complaints);
  expect(complaints).toEqual([]);

  const told = history(cache).filter(({ action }) => action === 'ingest');
  for (const { id } of acknowledged)
    expect(
      told.filter(({ why }) => why === `pair ${id}`),
      `pair ${id}`,
    ).toHaveLength(1);
  expect(told).toHaveLength(INGESTS);
  const contexts = new Set(history(cache).map(({ to }) => to));
  expect([...state.contexts].filter((context) => !contexts.has(context))).toEqual([]);
  const visible = readdirSync(join(cache, 'references/tmt/iris')).filter((name) => !name.startsWith('.'));
  expect(visible).toHaveLength(2 * INGESTS);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const unused = readdirSync(join(cache, 'mappings/tmt')).length - 3 - 4 * INGESTS;
  console.log(
    `${ROUNDS} kills, ${acknowledged.length} ingests, ${counts.broken} calls broken by kills, ` +
      `${state.answers} lookups, ${unused} unused mappings, ${seconds} s`,
  );
});
