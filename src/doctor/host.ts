import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Bytes and inodes of a file system. */
export interface FileSystemSize {
  readonly totalBytes: number;
  /** What others than root may still use. */
  readonly freeBytes: number;
  /** 0 where the file system has no fixed number of inodes. */
  readonly totalInodes: number;
  readonly freeInodes: number;
}

/** The machine as the probes see it. Nothing here changes anything. */
export interface Host {
  /** @default '/proc' */
  readonly procRoot: string;
  /** @default '/sys/fs/cgroup' */
  readonly cgroupRoot: string;
  /** @default '/run' */
  readonly runRoot: string;
  fileSystemSize(path: string): Promise<FileSystemSize>;
  /** Runs a program that only reads; resolves with its standard output, rejects when there is no such program. */
  run(command: string, args: readonly string[], timeoutMs: number): Promise<string>;
}

export const systemHost: Host = {
  procRoot: '/proc',
  cgroupRoot: '/sys/fs/cgroup',
  runRoot: '/run',
  fileSystemSize: async (path) => {
    const { bsize, blocks, bavail, files, ffree } = await statfs(path);
    return {
      totalBytes: blocks * bsize,
      freeBytes: bavail * bsize,
      totalInodes: files,
      freeInodes: ffree,
    };
  },
  run: async (command, args, timeoutMs) => {
    const { stdout } = await promisify(execFile)(command, args, {
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  },
};
