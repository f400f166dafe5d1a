import { hostname } from 'node:os';
import { BusError, faultOf, gatekeeper, type ServiceContext, type ServiceDefinition } from '@iris-drs/bus';
import { initialiseCache, type LocalReferences, localReferences, sweepStaging } from '@iris-drs/crds';
import { ReferenceDataService } from '@iris-drs/proto';
import { referenceData } from './reference-data.ts';
import { leasedWriter } from './writer.ts';

const CHECK_MS = 2_000;

const cachePath = ({ settings }: ServiceContext): string => {
  if (settings.crdsPath !== undefined) return settings.crdsPath;
  throw new BusError(
    'SETTING_INVALID',
    'CRDS_PATH',
    'CRDS_PATH is not set; set it to a CRDS cache directory, or to an empty one that will become a cache.',
  );
};

/** Looks after the context: says which is in force and what is wrong with it; SERVING only while it loads. */
const watchContext = ({ log, grpc }: Pick<ServiceContext, 'log' | 'grpc'>, references: LocalReferences) => {
  let known: unknown;
  let broken = '';
  const look = async (): Promise<void> => {
    const context = await references.loaded();
    if (context === known) return;
    known = context;
    log.info(
      { context: context.name, mappings: context.mappings.length, cache: context.path },
      'context loaded',
    );
    for (const [file, problem] of context.problems) log.warn({ file, code: problem.code }, problem.message);
  };
  const check = async (): Promise<void> => {
    try {
      await look();
      if (broken !== '') grpc.setServing(true);
      broken = '';
    } catch (error) {
      const { code, message } = faultOf(error);
      if (broken === '') grpc.setServing(false);
      if (broken !== message) log.error({ code }, `not serving: ${message}`);
      broken = message;
    }
  };
  return { look, check };
};

/** refdb: best references and reference files of the CRDS cache at CRDS_PATH. */
export const refdb: ServiceDefinition = {
  name: 'refdb',
  async start(context) {
    const { log, grpc, settings, volume } = context;
    const path = cachePath(context);
    if (await initialiseCache(path))
      log.warn({ cache: path }, 'an empty cache was made: its rules answer N/A');
    const references = localReferences({ path, context: settings.crdsContext });
    const { look, check } = watchContext(context, references);
    await look();
    const left = sweepStaging(await references.loaded());
    if (left > 0) log.info({ left }, 'copies that a writer had left were removed');
    const gate = gatekeeper(settings.grpcAddress, settings.tokensFile);
    const writer = leasedWriter(context, `${hostname()}:${process.pid}`);
    const stopping = new AbortController();
    grpc.add(
      ReferenceDataService,
      referenceData({ path, inForce: references, writer, gate, volume, stopping: stopping.signal }),
    );
    const timer = setInterval(() => void check(), CHECK_MS);
    return {
      async stop() {
        clearInterval(timer);
        stopping.abort();
        await writer.idle();
      },
    };
  },
};
