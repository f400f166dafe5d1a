import { defineConfig } from 'vitest/config';

const conditions = ['@iris/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'services/*/test/**/*.test.ts',
      'proto/test/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    pool: 'forks',
    execArgv: ['--conditions=@iris/source'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
