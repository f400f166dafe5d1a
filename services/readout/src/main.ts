import { runStage } from '@iris-drs/bus';
import { readoutStage } from './service.ts';

await runStage(await readoutStage());
