#!/usr/bin/env node
import { systemTime } from '../lib/time.ts';
import { runCli } from './program.ts';

const readerGone = new AbortController();
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  readerGone.abort();
});

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  isRoot: process.getuid?.() === 0,
  env: process.env,
  readerGone: readerGone.signal,
  signals: process,
  time: systemTime,
  exit: (code) => process.exit(code),
});
// All work is done: what still holds the process, such as a connection, is not worth waiting for.
setTimeout(() => process.exit(), 500).unref();
