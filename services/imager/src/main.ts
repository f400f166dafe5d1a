import { runStage } from '@iris-drs/bus';
import { imagerStage } from './service.ts';

await runStage(await imagerStage());
