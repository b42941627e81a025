import { availableRuntimes, sweepContainerd } from './containerd.ts';

/** Daemons outlive a test process that was killed: they go before a run, and after it. */
const setup = (): (() => void) => {
  const sweep =
    process.getuid?.() === 0 && availableRuntimes().length > 0 ? sweepContainerd : () => undefined;
  sweep();
  return sweep;
};

export default setup;
