import { messageHeaders, publishDurably, type Volume } from '@iris-drs/bus';
import { ReadAnnounced, readSubject, SCHEMA_VERSION } from '@iris-drs/proto';
import type { ReadFact } from './intake.ts';
import type { ExposureRecord, FrameState } from './record.ts';
import type { TaskPublisher } from './tasks.ts';

const publish = async ({ js, signal }: TaskPublisher, message: ReadAnnounced, id: string): Promise<void> => {
  const { exposureId, detector } = message;
  const subject = readSubject(exposureId, detector);
  const body = ReadAnnounced.encode(message).finish();
  await publishDurably(js, subject, body, messageHeaders('ReadAnnounced'), {
    msgId: `read:${exposureId}:${detector}:${id}`,
    signal,
  });
};

/** Announces a read that is a file of its own. A path outside the volume is left out: its first read was refused. */
export const publishRead = async (
  publisher: TaskPublisher & { readonly volume: Volume },
  { exposureId, detector, ramp, read, path }: ReadFact,
  arrivedMillis: number,
): Promise<void> => {
  const { volume } = publisher;
  let relative: string;
  try {
    relative = volume.toRelative(volume.resolve(path));
  } catch {
    return;
  }
  const message = ReadAnnounced.fromPartial({
    ...{ schemaVersion: SCHEMA_VERSION, exposureId, detector, ramp, read, path: relative },
    time: new Date(arrivedMillis),
  });
  await publish(publisher, message, `${ramp}:${read}`);
};

/** Tells whoever follows a detector's reads that there are no more, with what telemetry said at the end. */
export const publishEnd = (
  publisher: TaskPublisher,
  { exposureId, exposure, keywords }: ExposureRecord,
  { detector }: FrameState,
): Promise<void> => {
  const message = ReadAnnounced.fromPartial({
    ...{ schemaVersion: SCHEMA_VERSION, exposureId, detector, last: true, aborted: exposure.aborted },
    keywords: [...(keywords[detector] ?? [])],
    time: new Date(),
  });
  return publish(publisher, message, 'end');
};
