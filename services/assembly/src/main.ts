import { runAssembly } from './service.ts';

await runAssembly();
