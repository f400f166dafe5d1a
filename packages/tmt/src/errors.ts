/** Every failure of this package: code, when it is thrown. The message says what was found and what is expected. */
const TMT_ERRORS = {
  NOT_JSON: 'the text is not JSON',
  NOT_CBOR: 'the bytes are not CBOR that a CSW event can be written in',
  NOT_AN_EVENT: 'neither a SystemEvent nor an ObserveEvent',
  BAD_ENVELOPE: 'a field of the event envelope is missing or malformed',
  BAD_PARAMETER: 'a parameter does not hold what its key type promises',
  BAD_TIME: 'a time is not an ISO-8601 UTC instant of the years 0000 to 9999',
  NOT_ENCODABLE: 'the encoding has no form for a value',
  BAD_LINE: 'a line is neither an event nor {"key":…,"event":…}',
  BAD_EXPOSURE_ID: 'an exposure id does not follow its grammar',
  SHORT_EXPOSURE_ID: 'an exposure id without observation and date cannot name data',
  BAD_OBS_ID: 'an observation id does not follow its grammar',
  OTHER_EXPOSURE: 'a fact about one exposure was applied to another',
} as const;

export type TmtErrorCode = keyof typeof TMT_ERRORS;

interface TmtErrorDetail {
  /** Envelope field or parameter the failure is about. */
  readonly field?: string;
  readonly cause?: unknown;
}

export class TmtError extends Error {
  override readonly name = 'TmtError';
  readonly code: TmtErrorCode;
  readonly field: string | undefined;

  constructor(code: TmtErrorCode, message: string, detail: TmtErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.field = detail.field;
  }
}

/** A value as an error message shows it: short, one line, never failing. */
export const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
};
