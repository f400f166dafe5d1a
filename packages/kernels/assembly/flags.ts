/** Data quality bits, JWST's table (stdatamodels, dqflags.py). */
export const DO_NOT_USE: i32 = 1;
export const SATURATED: i32 = 2;
export const JUMP_DET: i32 = 4;
export const AD_FLOOR: i32 = 64;
export const NO_GAIN_VALUE: i32 = 524288;
export const NO_LIN_CORR: i32 = 1048576;
export const NO_SAT_CHECK: i32 = 2097152;
/** Group flags that a file may know: DO_NOT_USE, SATURATED, JUMP_DET, DROPOUT, PERSISTENCE, AD_FLOOR. */
export const GROUP: i32 = 0x6f;
/** Group flags that end a segment: all but PERSISTENCE. */
export const BREAK: i32 = 0x4f;
/** Within a tile only: saturated by itself, not by growth. */
export const SOURCE: i32 = 16;
/** Within a tile only: a jump that its neighbours share. */
export const SPREAD: i32 = 128;
