/*
 * Steps of a job that threads take from each other: a counter of those taken, and how many have what they need,
 * which the thread that reads or copies raises while the others are at work.
 */
const TAKEN = 0;
const READY = 1;
/** Beyond any number of steps, with room for the other threads' increments. */
const STOP = 2 ** 30;

export interface Steps {
  readonly count: number;
  readonly state: Int32Array;
}

export const stepsOf = (count: number): Steps => ({
  count,
  state: new Int32Array(new SharedArrayBuffer(8)),
});

/** The next step, waited for if it has not what it needs yet; -1 if there is none. */
export function takeStep({ count, state }: Steps): number {
  const step = Atomics.add(state, TAKEN, 1);
  if (step >= count) return -1;
  for (;;) {
    const ready = Atomics.load(state, READY);
    if (step < (ready < 0 ? ~ready : ready)) return step;
    if (ready < 0) return -1;
    Atomics.wait(state, READY, ready);
  }
}

/** Steps before `count` may be done. */
export function readyUpTo({ state }: Steps, count: number): void {
  Atomics.store(state, READY, count);
  Atomics.notify(state, READY);
}

/** No more steps will have what they need; those that have are done. */
export function noMore(steps: Steps): void {
  const ready = Atomics.load(steps.state, READY);
  readyUpTo(steps, ready < 0 ? ready : ~ready);
}

/** No further step is taken; those that were are done, so that the first one that fails is known. */
export function stop({ state }: Steps): void {
  Atomics.store(state, TAKEN, STOP);
}
