import { describe, expect, it } from 'vitest';
import { isAllowedHost, isLoopback } from '../../../src/server/host-guard.ts';

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.0.1.1', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['192.168.127.1', false],
  ])('%s: %s', (address, isLocal) => {
    expect(isLoopback(address)).toBe(isLocal);
  });
});

describe('isAllowedHost on loopback', () => {
  it.each([
    'localhost',
    'localhost:10270',
    'LocalHost:1',
    '127.0.0.1',
    '127.0.0.1:10270',
    '[::1]',
    '[::1]:10270',
  ])('lets %s in', (host) => {
    expect(isAllowedHost(host, '127.0.0.1')).toBe(true);
    expect(isAllowedHost(host, '::1')).toBe(true);
  });

  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:10270',
    'localhost.evil.example',
    'evil-localhost',
    '127.0.0.1.evil.example',
    '127.0.0.2',
    'localhost.',
    '::1',
    '10.0.0.1',
  ])('keeps %s out', (host) => {
    expect(isAllowedHost(host, '127.0.0.1')).toBe(false);
  });

  it('lets the very address in', () => {
    expect(isAllowedHost('127.0.0.2:10270', '127.0.0.2')).toBe(true);
  });
});

it('isAllowedHost leaves names to the network on any other address', () => {
  expect(isAllowedHost('node-1.example:10270', '10.0.0.1')).toBe(true);
  expect(isAllowedHost('node-1.example:10270', '0.0.0.0')).toBe(true);
  expect(isAllowedHost(undefined, '::')).toBe(true);
});
