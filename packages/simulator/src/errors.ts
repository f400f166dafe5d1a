export type SimulatorErrorCode = 'InvalidSetting' | 'CrowdedScene' | 'ShapeMismatch' | 'WorkerFailed';

/** Everything that this room throws. */
export class SimulatorError extends Error {
  override readonly name = 'SimulatorError';
  readonly code: SimulatorErrorCode;
  readonly setting: string | undefined;

  constructor(code: SimulatorErrorCode, message: string, setting?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.setting = setting;
  }
}

export const invalidSetting = (setting: string, found: unknown, expected: string): SimulatorError =>
  new SimulatorError('InvalidSetting', `${setting} is ${String(found)}; give ${expected}`, setting);
