import { runStage } from '@iris-drs/bus';
import { calibStage } from './service.ts';

await runStage(await calibStage());
