import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { print } from '../../../src/cli/io.ts';
import { FakeIo } from '../../helpers/cli-io.ts';
import { settle } from '../../helpers/simulated-time.ts';

/** Standard output with a reader that has not begun. */
function slow() {
  const base = new FakeIo();
  const stdout = new PassThrough({ highWaterMark: 10 });
  return { stdout, base, io: { stdout, readerGone: base.readerGone } };
}

it('print waits while the reader is slow', async () => {
  const { io, stdout } = slow();
  let isDone = false;
  const done = print(io, 'more than ten bytes').then(() => (isDone = true));
  await settle();
  expect(isDone).toBe(false);
  stdout.resume();
  await done;
});

it('print waits no longer when the reader is gone, and writes no more', async () => {
  const { io, base, stdout } = slow();
  const done = print(io, 'more than ten bytes');
  base.closeReader();
  await done;
  await print(io, 'nothing');
  expect(String(stdout.read())).toBe('more than ten bytes\n');
});
