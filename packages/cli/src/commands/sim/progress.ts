import type { SimulationProgress } from '@iris-drs/simulator';

/**
 * Shows how far the simulation is: on a terminal one line that is written over, else a line for each file that is
 * done.
 */
export const progressLine = (stream: NodeJS.WriteStream): ((progress: SimulationProgress) => void) => {
  return ({ stage, exposureId, detector, fraction }) => {
    const what = stage === 'references' ? 'references' : `${exposureId} ${detector}`;
    const done = fraction >= 1;
    if (stream.isTTY) {
      const percent = `${Math.floor(100 * fraction)}`.padStart(3);
      stream.write(`\r\u001b[Kdrs: ${percent} % ${what}${done ? '\n' : ''}`);
    } else if (done) stream.write(`drs: simulated ${what}\n`);
  };
};
