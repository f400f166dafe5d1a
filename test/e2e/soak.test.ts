import { expect, it } from 'vitest';
import { newInstance } from '../fixtures/instance.ts';

it('drs bench soak writes reads of five detectors, all of which come to be in frames', async () => {
  await using drs = newInstance();
  const { stdout, stderr } = await drs.drs('bench', 'soak', '--size', '256', '--seconds', '14', '--json');
  const report = JSON.parse(stdout) as Record<string, unknown> & {
    exposures: { detector: string; stepSeconds: Record<string, number> }[];
    processes: { name: string; cpuSeconds: number; peakBytes: number }[];
  };
  expect(stderr).toMatch(/2 exposures of 10 reads, five detectors/);
  // How long it takes is the machine's affair.
  expect([report.lost, report.missing, report.failures]).toEqual([0, 0, []]);
  expect(report.exposures.map(({ detector }) => detector).sort()).toEqual(
    ['IFS', 'IMG1', 'IMG2', 'IMG3', 'IMG4'].flatMap((name) => [name, name]),
  );
  const names = report.processes.map(({ name }) => name).sort();
  expect(names).toEqual(['assembly', 'nats-server', 'readout', 'refdb', 'writer']);
  for (const { cpuSeconds, peakBytes } of report.processes) {
    expect(cpuSeconds).toBeGreaterThanOrEqual(0);
    expect(peakBytes).toBeGreaterThan(1e6);
  }
}, 180_000);
