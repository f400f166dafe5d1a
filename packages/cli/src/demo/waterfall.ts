import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SpanLine } from '@iris-drs/bus';

/** Spans of one trace, from the files that the services append to, by start time. */
export const spansOf = (traceDir: string, traceId: string): SpanLine[] => {
  const spans = readdirSync(traceDir)
    .filter((name) => name.endsWith('.ndjson') && !name.includes('metrics'))
    .flatMap((name) => readFileSync(join(traceDir, name), 'utf8').split('\n'))
    .filter((line) => line.includes(traceId))
    .map((line) => JSON.parse(line) as SpanLine)
    .filter((span) => span.traceId === traceId);
  return spans.sort((a, b) => (BigInt(a.startNs) < BigInt(b.startNs) ? -1 : 1));
};

const depthOf = (span: SpanLine, byId: ReadonlyMap<string, SpanLine>): number => {
  let depth = 0;
  for (let at = byId.get(span.parentSpanId ?? ''); at && depth < 12; at = byId.get(at.parentSpanId ?? ''))
    depth += 1;
  return depth;
};

const WIDTH = 44;

/** The spans as bars over time, in text. */
export const waterfall = (spans: readonly SpanLine[]): string[] => {
  const [first] = spans;
  if (!first) return ['no span was recorded'];
  const start = BigInt(first.startNs);
  const end = spans.reduce((latest, { endNs }) => (BigInt(endNs) > latest ? BigInt(endNs) : latest), start);
  const total = Number(end - start) || 1;
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  return spans.map((span) => {
    const from = Math.floor((Number(BigInt(span.startNs) - start) / total) * WIDTH);
    const to = Math.max(from + 1, Math.ceil((Number(BigInt(span.endNs) - start) / total) * WIDTH));
    const bar = ' '.repeat(from) + '█'.repeat(Math.min(to, WIDTH) - from);
    const millis = Number(BigInt(span.endNs) - BigInt(span.startNs)) / 1e6;
    const name = `${'  '.repeat(depthOf(span, byId))}${span.name}`;
    const linked = span.links.length > 0 ? ` ⇠ ${span.links.length} linked` : '';
    return `${span.service.padEnd(9)} ${name.slice(0, 38).padEnd(38)} ${bar.padEnd(WIDTH)} ${millis.toFixed(1).padStart(8)} ms${linked}`;
  });
};
