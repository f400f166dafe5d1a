import { shown, TmtError } from '../errors.ts';
import { decodeEventJson, parseJson } from './json.ts';
import { type CswEvent, eventKey } from './model.ts';
import { isRecord } from './values.ts';

export interface EventLine {
  /** The event's own key; a key written on the line is a remark only. */
  readonly key: string;
  readonly event: CswEvent;
  /** The event's JSON, character for character as it stands on the line: what goes on the bus. */
  readonly body: string;
}

/**
 * Reads one line of an event file: a bare event or `{"key":…,"event":…}`.
 *
 * @throws TmtError NOT_JSON, BAD_LINE, or what {@link decodeEventJson} throws
 */
export function parseEventLine(line: string): EventLine {
  const text = line.trim();
  const tree = parseJson(text);
  if (!isRecord(tree)) throw badLine(shown(tree));
  let body = text;
  if (!Object.hasOwn(tree, '_type')) {
    const found = memberText(text, 'event');
    if (found === undefined) throw badLine(`an object with ${Object.keys(tree).slice(0, 6).join(', ')}`);
    body = found;
  }
  const event = decodeEventJson(body);
  return { key: eventKey(event), event, body };
}

/** Text of a member's value in a JSON object that is known to parse; the last one where names repeat. */
function memberText(json: string, name: string): string | undefined {
  let depth = 0;
  let member: string | undefined;
  let start = -1;
  let found: string | undefined;
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;
  for (let match = token.exec(json); match; match = token.exec(json)) {
    const text = match[0];
    if (depth === 1 && text.startsWith('"') && start < 0) member = JSON.parse(text) as string;
    else if (depth === 1 && text === ':') start = match.index + 1;
    else if (depth === 1 && (text === ',' || text === '}')) {
      if (member === name) found = json.slice(start, match.index).trim();
      start = -1;
      member = undefined;
    }
    if (text === '{' || text === '[') depth++;
    else if (text === '}' || text === ']') depth--;
  }
  return found;
}

const badLine = (found: string): TmtError =>
  new TmtError(
    'BAD_LINE',
    `the line holds ${found}; expected a CSW event or {"key": …, "event": <CSW event>}`,
  );
