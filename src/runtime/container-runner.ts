import { stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import { ContainerEventType, ContainerState } from '../cri/gen/runtime/v1/api_pb.ts';
import type { Time } from '../lib/time.ts';
import { refused } from './call-error.ts';
import { ContainerLog } from './container-log.ts';
import { startProcess, type ContainerProcess } from './container-process.ts';
import { argvOf, envOf } from './container-spec.ts';
import { logPathOf, type Container } from './container.ts';
import { waitAtMost } from './delay.ts';
import type { Announce } from './event-source.ts';
import type { ProcessGuard } from './process-guard.ts';
import { isOpen } from './sandbox.ts';
import type { StampClock } from './stamp-clock.ts';

/** containerd's exit code for a container that could not be started. */
const startErrorExitCode = 128;

/** containerd's exit code for a container that ended while nobody watched. */
const unknownExitCode = 255;

export interface ContainerRunnerOptions {
  readonly announce: Announce;
  readonly stamps: StampClock;
  readonly time: Time;
  readonly guard: ProcessGuard;
  readonly logger: Logger;
}

/** Starts and ends the processes of containers, and says what became of them. */
export class ContainerRunner {
  readonly #options: ContainerRunnerOptions;
  #isWatching = true;
  readonly #endedUnseen = new Set<Container>();

  constructor(options: ContainerRunnerOptions) {
    this.#options = options;
  }

  /** @throws CallError UNKNOWN when it cannot be started; the container is then EXITED, and no event tells */
  async start(container: Container): Promise<void> {
    const isFresh = container.phase.state === ContainerState.CONTAINER_CREATED;
    if (!isFresh || container.starting !== undefined || container.removing !== undefined) {
      throw refused(`container "${container.id}" cannot be started: it was started or removed before`);
    }
    if (!isOpen(container.sandbox)) throw refused(`sandbox "${container.sandbox.id}" is not running`);
    container.starting = this.#start(container);
    try {
      await container.starting;
    } finally {
      delete container.starting;
    }
  }

  /** TERM, and KILL once `timeoutMs` are over; KILL at once for 0. Nothing happens when it is not running. */
  async stop(container: Container, timeoutMs: number): Promise<void> {
    await container.starting?.catch(() => {});
    if (container.phase.state !== ContainerState.CONTAINER_RUNNING) return;
    const { process } = container.phase;
    if (timeoutMs > 0) {
      process.signal('SIGTERM');
      await waitAtMost(this.#options.time, timeoutMs, container.ended!);
    }
    process.signal('SIGKILL');
    await container.ended;
  }

  /** From now on nobody watches: a container that ends is only found out about by `resume`. */
  suspend(): void {
    this.#isWatching = false;
  }

  /**
   * Watches again. What ended meanwhile is EXITED 255 "Unknown" as of now and no event tells, as on a
   * containerd that was restarted.
   */
  resume(): void {
    this.#isWatching = true;
    for (const container of this.#endedUnseen) this.#recordExit(container, unknownExitCode, 'Unknown');
    this.#endedUnseen.clear();
  }

  async #start(container: Container): Promise<void> {
    const { announce, stamps, guard, logger } = this.#options;
    let process: ContainerProcess;
    try {
      process = await this.#run(container);
    } catch (error) {
      const message = `failed to start container "${container.id}": ${(error as Error).message}`;
      container.phase = {
        state: ContainerState.CONTAINER_EXITED,
        startedAtNs: 0n,
        finishedAtNs: stamps(),
        exitCode: startErrorExitCode,
        reason: 'StartError',
        message,
      };
      throw refused(message, { cause: error });
    }
    guard.add(process.pid);
    container.phase = { state: ContainerState.CONTAINER_RUNNING, startedAtNs: stamps(), process };
    container.ended = process.exited.then((exitCode) => {
      guard.remove(process.pid);
      this.#onEnd(container, exitCode);
    });
    announce(ContainerEventType.CONTAINER_STARTED_EVENT, container.sandbox, container);
    logger.debug({ containerId: container.id, pid: process.pid }, 'container started');
  }

  async #run(container: Container): Promise<ContainerProcess> {
    const { stamps, time, logger } = this.#options;
    const { config } = container;
    const workingDir = config.workingDir === '' ? '/' : config.workingDir;
    // Spawning in a folder that is not there fails with an error that blames the program.
    await stat(workingDir);
    const logPath = logPathOf(container);
    const log = logPath === undefined ? undefined : await ContainerLog.open(logPath, stamps);
    try {
      return await startProcess({
        argv: argvOf(config),
        env: envOf(config),
        workingDir,
        log,
        onLogError: (err) =>
          logger.warn({ err, containerId: container.id }, 'container log cannot be written'),
        time,
      });
    } catch (error) {
      log?.close();
      throw error;
    }
  }

  #onEnd(container: Container, exitCode: number): void {
    if (!this.#isWatching) {
      this.#endedUnseen.add(container);
      return;
    }
    this.#recordExit(container, exitCode, exitCode === 0 ? 'Completed' : 'Error');
    this.#options.announce(ContainerEventType.CONTAINER_STOPPED_EVENT, container.sandbox, container);
    this.#options.logger.debug({ containerId: container.id, exitCode }, 'container ended');
  }

  #recordExit(container: Container, exitCode: number, reason: string): void {
    if (container.phase.state !== ContainerState.CONTAINER_RUNNING) return;
    container.phase = {
      state: ContainerState.CONTAINER_EXITED,
      startedAtNs: container.phase.startedAtNs,
      finishedAtNs: this.#options.stamps(),
      exitCode,
      reason,
      message: '',
    };
  }
}
