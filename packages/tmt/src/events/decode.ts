import { shown, TmtError } from '../errors.ts';
import { decodeEventCbor } from './cbor.ts';
import { decodeEventJson } from './json.ts';
import type { CswEvent } from './model.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a CSW event from the bytes of a message: CBOR when the first byte opens a CBOR map (or tags it as
 * CBOR), else JSON in UTF-8.
 *
 * @throws TmtError
 */
export function decodeEvent(bytes: Uint8Array): CswEvent {
  const first = bytes[0];
  if (first === undefined) {
    throw new TmtError('NOT_AN_EVENT', 'the message is empty; expected a CSW event in JSON or CBOR');
  }
  const opensMap = (first >= 0xa0 && first <= 0xbb) || first === 0xbf;
  const taggedAsCbor = first === 0xd9;
  return opensMap || taggedAsCbor ? decodeEventCbor(bytes) : decodeEventJson(textOf(bytes));
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new TmtError(
      'NOT_JSON',
      `${bytes.length} bytes beginning with 0x${bytes[0]?.toString(16)} are neither CBOR nor UTF-8 text: ${shown(String(cause))}`,
      { cause },
    );
  }
}
