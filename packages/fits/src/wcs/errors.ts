/** Every way a world coordinate system is refused. The text beside a code says when it is thrown. */
export type WcsErrorCode =
  | 'NO_WCS' // the header describes no coordinates under that alternate
  | 'KEYWORD_VALUE' // a keyword holds a value of the wrong type or out of range
  | 'KEYWORD_MISSING' // a keyword that the coordinates need is absent
  | 'UNIT' // CUNIT is no unit, or a unit of another quantity
  | 'CTYPE' // axis types that are unknown or contradict each other
  | 'UNSUPPORTED' // legal, but not implemented: a distortion or a convention
  | 'SINGULAR' // the linear transformation has no inverse
  | 'PARAMETERS' // no sphere or spectrum fits these parameters
  | 'TABLE' // the lookup table of a -TAB axis is missing or unusable
  | 'ARGUMENT'; // a call with the wrong number of coordinates

/** The error type of everything below `wcs/`. `keyword` names the header keyword at fault, where there is one. */
export class WcsError extends Error {
  override readonly name = 'WcsError';
  readonly code: WcsErrorCode;
  declare readonly keyword?: string;

  constructor(code: WcsErrorCode, text: string, keyword?: string, cause?: unknown) {
    super(keyword === undefined ? text : `${keyword}: ${text}`, cause === undefined ? undefined : { cause });
    this.code = code;
    if (keyword !== undefined) this.keyword = keyword;
  }
}
