import { KernelsError } from '@iris-drs/kernels';
import { StepError } from './errors.ts';
import type { ReferenceCache } from './reference-cache.ts';

const isFull = (error: unknown): error is KernelsError =>
  error instanceof KernelsError && error.code === 'PoolExhausted';

/**
 * Does work that needs frames; when the pool is full, closes references that nobody uses and does it once more.
 *
 * @param work  leaves nothing held when it fails, and may run twice
 * @throws StepError MEMORY_SHORT, retriable, when that is not enough: other frames hold the rest
 */
export const withRoom = async <T>(cache: ReferenceCache, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!isFull(error)) throw error;
    await cache.trim();
  }
  try {
    return await work();
  } catch (error) {
    if (!isFull(error)) throw error;
    const message = `${error.message}; references not in use are closed already. Take fewer frames at a time.`;
    throw new StepError('MEMORY_SHORT', '', message, { retriable: true, cause: error });
  }
};
