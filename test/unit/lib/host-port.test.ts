import { describe, expect, it } from 'vitest';
import { formatHostPort, parseHostPort } from '../../../src/lib/host-port.ts';

describe('parseHostPort', () => {
  it.each([
    ['127.0.0.1:10270', '127.0.0.1', 10270],
    ['0.0.0.0:0', '0.0.0.0', 0],
    ['localhost:65535', 'localhost', 65535],
    ['node-1.example:80', 'node-1.example', 80],
    ['[::1]:10270', '::1', 10270],
    ['[::]:0', '::', 0],
  ])('reads %s and prints it again', (text, host, port) => {
    expect(parseHostPort(text)).toEqual({ host, port });
    expect(formatHostPort({ host, port })).toBe(text);
  });

  it.each([
    '',
    '10270',
    ':10270',
    'localhost',
    'localhost:',
    'localhost:http',
    'localhost:65536',
    'localhost:-1',
    '::1:10270',
    '[::1]',
    '[localhost]:1',
    '[127.0.0.1]:1',
    '999.0.0.1:1',
    '127.0.0:1',
    'http://localhost:1',
    'a b:1',
  ])('does not read "%s"', (text) => {
    expect(parseHostPort(text)).toBeUndefined();
  });
});
