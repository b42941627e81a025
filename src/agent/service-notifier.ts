import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Logger } from '../lib/log.ts';
import type { Time, TimerHandle } from '../lib/time.ts';

export interface ServiceNotifierOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly time: Time;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** Whether all goes on that must go on; asked before each word to the watchdog. */
  readonly isTurning: () => boolean;
  /** Whom the watchdog must mean by WATCHDOG_PID. @default this process */
  readonly pid?: number;
  /** Sends one assignment such as `READY=1`. @default by systemd-notify */
  readonly send?: (assignment: string, env: Readonly<Record<string, string | undefined>>) => Promise<void>;
}

/**
 * Tells the service manager how it goes (sd_notify(3), sd_watchdog_enabled(3)): nothing at all unless it asked to
 * be told, by NOTIFY_SOCKET.
 *
 * That is a datagram socket, which Node cannot reach; `systemd-notify` can, and is there wherever systemd is. It
 * is a process of its own, so the unit needs `NotifyAccess=all`.
 */
export class ServiceNotifier {
  readonly #options: ServiceNotifierOptions;
  #timer: TimerHandle;
  #hasFailed = false;

  constructor(options: ServiceNotifierOptions) {
    this.#options = options;
  }

  /** All is started. From now on the watchdog, if there is one, hears twice as often as it must. */
  async ready(): Promise<void> {
    const periodMs = this.#watchdogPeriodMs();
    if (periodMs !== undefined) this.#tick(periodMs / 2);
    await this.#send('READY=1');
  }

  async stopping(): Promise<void> {
    this.#options.time.clearTimeout(this.#timer);
    await this.#send('STOPPING=1');
  }

  #tick(delayMs: number): void {
    const { time, logger, isTurning } = this.#options;
    this.#timer = time.setTimeout(() => {
      this.#tick(delayMs);
      if (isTurning()) void this.#send('WATCHDOG=1');
      else logger.error('relists do not go on: the watchdog is not told that all is well');
    }, delayMs);
  }

  #watchdogPeriodMs(): number | undefined {
    const { env, pid = process.pid } = this.#options;
    const usec = env['WATCHDOG_USEC'];
    const meantPid = env['WATCHDOG_PID'];
    if (usec === undefined || !/^[1-9]\d{0,15}$/.test(usec)) return undefined;
    return meantPid === undefined || meantPid === String(pid) ? Number(usec) / 1_000 : undefined;
  }

  async #send(assignment: string): Promise<void> {
    const { env, logger, send = sendBySystemdNotify } = this.#options;
    if (!env['NOTIFY_SOCKET']) return;
    try {
      await send(assignment, env);
    } catch (err) {
      if (!this.#hasFailed) logger.warn({ err, assignment }, 'cannot tell the service manager');
      this.#hasFailed = true;
    }
  }
}

/** Longer than it ever takes, shorter than any watchdog. */
const sendTimeoutMs = 5_000;

const sendBySystemdNotify: NonNullable<ServiceNotifierOptions['send']> = async (assignment, env) => {
  const { NOTIFY_SOCKET, PATH } = env;
  await promisify(execFile)('systemd-notify', [assignment], {
    env: { NOTIFY_SOCKET, PATH },
    timeout: sendTimeoutMs,
  });
};
