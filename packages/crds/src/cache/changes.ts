let changes = 0;

/** Says that this process has written into a cache. */
export const cacheChanged = (): void => {
  changes += 1;
};

/** Another number after each change that this process has made to any cache. */
export const changesMade = (): number => changes;
