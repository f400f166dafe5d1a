/** Counts how much may be in hand at a time. */
export interface Permits {
  /** Resolves when one is free, without taking it, or when `stop` comes first. */
  available(stop: AbortSignal): Promise<void>;
  /** Takes one, waiting if needed; the answer gives it back. Undefined when `stop` comes first. */
  acquire(stop: AbortSignal): Promise<(() => void) | undefined>;
}

export const createPermits = (count: number): Permits => {
  let free = count;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const resume of [...waiting]) resume();
  };
  const change = (stop: AbortSignal) =>
    new Promise<void>((resolve) => {
      const resume = () => {
        waiting.delete(resume);
        stop.removeEventListener('abort', resume);
        resolve();
      };
      waiting.add(resume);
      stop.addEventListener('abort', resume, { once: true });
    });
  return {
    async available(stop) {
      while (free === 0 && !stop.aborted) await change(stop);
    },
    async acquire(stop) {
      while (free === 0) {
        if (stop.aborted) return undefined;
        await change(stop);
      }
      free -= 1;
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        free += 1;
        wake();
      };
    },
  };
};
