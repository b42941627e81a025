import { availableRuntimes, sweepContainerd } from './containerd.ts';
import { buildPage } from './page-build.ts';

/** Daemons outlive a test process that was killed: they go before a run, and after it. The page is built. */
const setup = (): (() => void) => {
  buildPage();
  const sweep =
    process.getuid?.() === 0 && availableRuntimes().length > 0 ? sweepContainerd : () => undefined;
  sweep();
  return sweep;
};

export default setup;
