import { Worker } from 'node:worker_threads';
import { type Failure, fromRecord, type Job, type Reply } from './job.ts';
import { noMore, readyUpTo, type Steps, stepsOf } from './steps.ts';
import type {} from './worker.ts';

const here = import.meta.url;
/** This file runs from its source or compiled; the worker stands beside it in the same form. */
const workerUrl = new URL(here.endsWith('.ts') ? './worker.ts' : './worker.js', here);

interface Member {
  readonly worker: Worker;
  settle: ((reply: Reply | Error) => void) | undefined;
}

/** Threads stay for the next job: to start one takes as long as to pack half a frame. */
const members: Member[] = [];
let last: Promise<unknown> = Promise.resolve();

/**
 * Do the steps of a job on so many threads, after all jobs before it.
 *
 * @param prepare  makes the job; called when the threads are free
 * @param feed     gives the steps what they need, in order, and says so
 * @throws what the first step that fails throws, or `feed`
 */
export function runOnTeam(
  threads: number,
  count: number,
  prepare: () => Job,
  feed: (ready: (steps: number) => void) => void | Promise<void>,
): Promise<Reply[]> {
  const next = last.then(() => runNow(Math.min(threads, count), stepsOf(count), prepare(), feed));
  last = next.catch(() => undefined);
  return next;
}

/** Ends the threads, once they are done. Whatever comes later starts new ones. */
export function endTeam(): Promise<void> {
  const ended = last.then(async () => {
    await Promise.all(members.splice(0).map(({ worker }) => worker.terminate()));
  });
  last = ended;
  return ended;
}

async function runNow(
  threads: number,
  steps: Steps,
  job: Job,
  feed: (ready: (steps: number) => void) => void | Promise<void>,
): Promise<Reply[]> {
  while (members.length < threads) members.push(start());
  const answers = Promise.allSettled(members.slice(0, threads).map((member) => ask(member, job, steps)));
  const failures: Failure[] = [];
  try {
    await feed((ready) => readyUpTo(steps, ready));
  } catch (error) {
    noMore(steps);
    failures.push({ step: steps.count, error });
  }
  const replies: Reply[] = [];
  for (const answer of await answers) {
    if (answer.status === 'rejected') throw answer.reason;
    replies.push(answer.value);
    if (answer.value.failure) failures.push(answer.value.failure);
  }
  failures.sort((a, b) => a.step - b.step);
  if (failures[0]) throw fromRecord(failures[0].error);
  return replies;
}

function start(): Member {
  // The worker imports nothing by package name, so it needs none of the process's own flags.
  const worker = new Worker(workerUrl, { name: 'fits-tiles', execArgv: [] });
  const member: Member = { worker, settle: undefined };
  const lose = (error: Error) => {
    const at = members.indexOf(member);
    if (at >= 0) members.splice(at, 1);
    member.settle?.(error);
  };
  worker.on('message', (reply: Reply) => member.settle?.(reply));
  worker.on('error', lose);
  worker.on('exit', (code) => lose(new Error(`a thread that packs tiles ended with code ${code}`)));
  worker.unref();
  return member;
}

function ask(member: Member, job: Job, steps: Steps): Promise<Reply> {
  return new Promise((resolve, reject) => {
    member.settle = (reply) => {
      member.settle = undefined;
      member.worker.unref();
      if (reply instanceof Error) reject(reply);
      else resolve(reply);
    };
    // Only a thread with work keeps the process alive.
    member.worker.ref();
    member.worker.postMessage({ job, steps });
  });
}
