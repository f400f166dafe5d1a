import type { StageContext } from '@iris-drs/bus';
import { openRamp } from '@iris-drs/datamodels';
import { openFile } from '@iris-drs/fits/node';
import { previewSubject, RampPreview, SCHEMA_VERSION, type Task } from '@iris-drs/proto';
import { placeOf } from './directory.ts';
import { glance, viewOf } from './preview.ts';

const EVERY_MILLIS = 1_000;
/** DN: what 16 bits hold. */
const CEILING = 65_535;
/** Reads that are remembered; of longer ramps every second one, and so on. */
const MOST_READS = 64;

interface Glance {
  readonly seconds: number;
  readonly pixels: Float32Array;
}

/** Seconds since the reset, by READTIME and RST_TIME (µs); without them reads are taken to be 1 s apart. */
const secondsOf = async (path: string, read: number): Promise<number> => {
  using fits = await openFile(path);
  const { header } = fits.hdus[0]!;
  const [at, reset] = [header.get('READTIME'), header.get('RST_TIME')].map(Number);
  return Number.isFinite(at! - reset!) ? (at! - reset!) * 1e-6 : read;
};

/**
 * Shows a ramp under way on `drs.preview.<mode>.<detector>`, at most once a second, by a few pixels of its first ramp
 * under way. It is in nobody's way: what goes wrong here is only logged, and a read that comes while another is looked
 * at is left out.
 */
export const openPreviews = (task: Task, { connection, log }: StageContext) => {
  let busy = false;
  let shown = 0;
  let ramp = -1;
  let looks: Glance[] = [];

  const look = async (path: string, done: number, expected: number): Promise<void> => {
    const { reads } = await openRamp([path], { detector: task.detector });
    const image = reads[0]![0]!;
    const { shape, pixels } = await glance(image);
    const place = placeOf(path) ?? { ramp: 0, read: done };
    if (place.ramp !== ramp) looks = [];
    ramp = place.ramp;
    looks.push({ seconds: await secondsOf(path, place.read), pixels });
    looks.sort((a, b) => a.seconds - b.seconds);
    if (looks.length > MOST_READS) looks = looks.filter((_, i) => i % 2 === 0 || i === looks.length - 1);
    if (looks.length < 2 || Date.now() - shown < EVERY_MILLIS) return;
    shown = Date.now();
    const view = viewOf(
      { shape, reads: looks.map((one) => one.pixels), times: looks.map((one) => one.seconds) },
      CEILING,
    );
    const message = RampPreview.fromPartial({
      ...{ schemaVersion: SCHEMA_VERSION, exposureId: task.exposureId, detector: task.detector },
      ...{ readsDone: done, readsExpected: expected, ny: shape[0], nx: shape[1] },
      slopes: new Uint8Array(view.slopes.buffer, view.slopes.byteOffset, view.slopes.byteLength),
      medianSlope: view.medianSlope,
      saturatedFraction: view.saturatedFraction,
      jumpRate: view.jumpRate,
    });
    connection?.publish(previewSubject(task.mode, task.detector), RampPreview.encode(message).finish());
  };

  return {
    read(path: string, done: number, expected: number): void {
      if (busy || !connection) return;
      busy = true;
      void look(path, done, expected)
        .catch((error: Error) => log.debug({ error: error.message }, 'no preview of this read'))
        .finally(() => {
          busy = false;
        });
    },
  };
};
