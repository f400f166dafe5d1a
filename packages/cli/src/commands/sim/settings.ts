import { SimulatorError } from '@iris-drs/simulator';
import { usageError } from '../../errors.ts';

/** The same items; a setting that the simulator refuses is wrong usage. */
export async function* settingsChecked<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    const refused =
      error instanceof SimulatorError && ['InvalidSetting', 'CrowdedScene'].includes(error.code);
    throw refused ? usageError(error.message) : error;
  }
}
