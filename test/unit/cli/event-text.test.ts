import { describe, expect, it } from 'vitest';
import { renderEntry } from '../../../src/cli/event-text.ts';
import { lifecycleEvent } from '../../helpers/fake-agent-view.ts';

/** By the clock on the wall of wherever this runs. */
const observedAt = new Date(2026, 10, 20, 22, 50, 59, 360).toISOString();

describe('an entry as text', () => {
  it.each([
    [lifecycleEvent(17, { observedAt }), '    17  22:50:59.360  ContainerStarted  default/web-0/app'],
    [
      lifecycleEvent(18, { observedAt, type: 'ContainerDied', exitCode: 137, reason: 'OOMKilled' }),
      '    18  22:50:59.360  ContainerDied     default/web-0/app                     exit 137, OOMKilled',
    ],
    [
      lifecycleEvent(19, { observedAt, type: 'ContainerDied', exitCode: 0, source: 'relist' }),
      '    19  22:50:59.360  ContainerDied     default/web-0/app                     exit 0, found by relist',
    ],
    [
      lifecycleEvent(1234567, { observedAt, sandbox: true }),
      '1234567  22:50:59.360  ContainerStarted  default/web-0                         sandbox',
    ],
    [
      {
        seq: 20,
        type: 'ContainerRemoved',
        podUid: 'u1',
        podNamespace: 'default',
        podName: 'web-0',
        containerId: '0123456789abcdef',
        source: 'event',
        observedAt,
        inspection: 'failed',
      },
      '    20  22:50:59.360  ContainerRemoved  default/web-0/0123456789ab            pod status unreadable',
    ],
    [
      {
        seq: 21,
        type: 'PodSync',
        podUid: 'u1',
        podNamespace: 'default',
        podName: 'web-0',
        source: 'event',
        observedAt,
      },
      '    21  22:50:59.360  PodSync           default/web-0',
    ],
    [
      { type: 'Gap', seq: 4, from: 5, to: 16 },
      '     4                Gap               events 5 to 16 are lost, the pods as they are now follow',
    ],
  ] as const)('%j', (entry, text) => {
    expect(renderEntry(entry, 'text')).toBe(text);
  });
});

it('an entry as JSON is one line with all fields', () => {
  const event = lifecycleEvent(17, { reason: 'two\nlines' });
  const line = renderEntry(event, 'json');
  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toEqual(event);
});
