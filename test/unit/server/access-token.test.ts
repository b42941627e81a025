import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/lib/log.ts';
import { AccessToken } from '../../../src/server/access-token.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const first = 'the-first-token-of-all';
const second = 'the-second-token-of-all';

const makeToken = () => {
  const directory = mkdtempSync(join(tmpdir(), 'plegd-token-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'token');
  writeFileSync(path, `${first}\n`);
  const time = new SimulatedTime();
  const logged: string[] = [];
  const logger = createLogger({
    level: 'info',
    format: 'json',
    destination: { write: (line) => logged.push(line) },
  });
  return { path, time, logged, token: new AccessToken({ path, time, logger }) };
};

it('knows its own, without the end of the line', () => {
  const { token } = makeToken();
  expect([first, `${first} `, first.slice(1), '', second].map((given) => token.matches(given))).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

it('is read anew within a second of a change', async () => {
  const { path, time, logged, token } = makeToken();
  // As Kubernetes and careful people do it.
  writeFileSync(`${path}.new`, second);
  renameSync(`${path}.new`, path);
  expect([token.matches(first), token.matches(second)]).toEqual([true, false]);
  await time.advance(1_000);
  expect([token.matches(first), token.matches(second)]).toEqual([false, true]);
  expect(logged.join('')).toContain('token file read anew');
  expect(logged.join('')).not.toContain(second);
});

it('lets nobody in while the file is not there, and says so once', async () => {
  const { path, time, logged, token } = makeToken();
  unlinkSync(path);
  await time.advance(1_000);
  expect([token.matches(first), token.matches('')]).toEqual([false, false]);
  await time.advance(1_000);
  expect(token.matches(first)).toBe(false);
  expect(logged).toHaveLength(1);
  expect(logged[0]).toContain('nobody gets in by token until it does');

  writeFileSync(path, second);
  await time.advance(1_000);
  expect(token.matches(second)).toBe(true);
});
