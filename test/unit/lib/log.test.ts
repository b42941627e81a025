import { describe, expect, it } from 'vitest';
import { CriError } from '../../../src/cri/cri-error.ts';
import { createLogger, type LogOptions } from '../../../src/lib/log.ts';

/** A logger and the lines that it has written so far. */
function logTo(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    format: 'json',
    ...options,
    destination: { write: (line) => lines.push(line) },
  });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> };
}

describe('JSON', () => {
  it('has a named level, an ISO stamp, the fields and the message', () => {
    const { logger, last } = logTo();
    logger.info({ podUid: 'u1', exitCode: 137 }, 'Generic (PLEG): container finished');
    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      podUid: 'u1',
      exitCode: 137,
      msg: 'Generic (PLEG): container finished',
    });
  });

  it('keeps every digit of a bigint', () => {
    const { logger, last } = logTo();
    logger.info({ createdAtNs: 1795215059359284865n }, 'event');
    expect(last()['createdAtNs']).toBe('1795215059359284865');
  });

  it('does not fail on a bigint deeper down', () => {
    const { logger, lines } = logTo();
    logger.info({ event: { createdAtNs: 1795215059359284865n } }, 'event');
    expect(lines[0]).toContain('1795215059359284865');
  });

  it('shows an error with its causes, code and method', () => {
    const { logger, last } = logTo();
    const reset = new Error('read ECONNRESET');
    const dropped = new Error('connection dropped', { cause: reset });
    logger.error(
      { err: new CriError('ListContainers', 'UNAVAILABLE', 'gone', { cause: dropped }) },
      'relist failed',
    );
    expect(last()['err']).toMatchObject({
      type: 'CriError',
      code: 'UNAVAILABLE',
      method: 'ListContainers',
      message: 'ListContainers: UNAVAILABLE: gone: connection dropped: read ECONNRESET',
      stack: expect.stringMatching(
        /caused by: Error: connection dropped[^]*caused by: Error: read ECONNRESET/,
      ),
    });
  });
});

describe('the level', () => {
  it('leaves out what is below it', () => {
    const { logger, lines } = logTo({ level: 'warn' });
    logger.info('quiet');
    logger.warn('loud');
    expect(lines).toHaveLength(1);
  });

  it('silent leaves out everything', () => {
    const { logger, lines } = logTo({ level: 'silent' });
    logger.fatal('last words');
    expect(lines).toEqual([]);
  });
});

describe('pretty', () => {
  it('is one readable line, written before the call returns', () => {
    const { logger, lines } = logTo({ format: 'pretty' });
    logger.child({ component: 'pleg' }).info({ podUid: 'u1' }, 'relist');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: relist \{"component":"pleg","podUid":"u1"\}\n$/,
    );
  });
});
