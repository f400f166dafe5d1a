import { runService } from '@iris-drs/bus';
import { refdb } from './service.ts';

await runService(refdb);
