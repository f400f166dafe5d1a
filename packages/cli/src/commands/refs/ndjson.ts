import type { Readable } from 'node:stream';

/** A line of the input; undefined for one that is longer than any header. */
export type Line = string | undefined;

/** No header is longer: a longer line is passed over without being held. */
const MAX_BYTES = 1 << 24;
const NEWLINE = 10;

/**
 * Lines of UTF-8 text as they come, in batches; a last line may lack its end. Memory stays within one longest line
 * and one chunk.
 */
export async function* batchesOfLines(input: Readable, maxBytes = MAX_BYTES): AsyncGenerator<Line[]> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let isTooLong = false;
  const hold = (piece: Buffer): void => {
    heldBytes += piece.length;
    if (heldBytes > maxBytes) {
      isTooLong = true;
      held = [];
    } else held.push(piece);
  };
  const take = (): Line => {
    const line = isTooLong ? undefined : Buffer.concat(held).toString('utf8');
    [held, heldBytes, isTooLong] = [[], 0, false];
    return line;
  };
  for await (const chunk of input as AsyncIterable<Buffer>) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      hold(chunk.subarray(start, end));
      lines.push(take());
      start = end + 1;
    }
    if (start < chunk.length) hold(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (heldBytes > 0) yield [take()];
}
