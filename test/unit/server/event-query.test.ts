import { describe, expect, it } from 'vitest';
import { EventQueryError, matchesQuery, readEventQuery } from '../../../src/server/event-query.ts';
import { lifecycleEvent } from '../../helpers/fake-agent-view.ts';

describe('readEventQuery', () => {
  it.each([
    [{}, { format: 'sse', pod: [], type: [] }],
    [{ since: '0' }, { since: 0, format: 'sse', pod: [], type: [] }],
    [
      { since: '17', format: 'ndjson' },
      { since: 17, format: 'ndjson', pod: [], type: [] },
    ],
    [
      { pod: 'web-0', type: 'ContainerDied' },
      { format: 'sse', pod: ['web-0'], type: ['ContainerDied'] },
    ],
    [
      { pod: ['web-0', 'kube-system/dns'], type: ['ContainerDied', 'PodSync'] },
      { format: 'sse', pod: ['web-0', 'kube-system/dns'], type: ['ContainerDied', 'PodSync'] },
    ],
  ])('reads %j', (fields, query) => {
    expect(readEventQuery(fields)).toEqual(query);
  });

  const types = 'one of ContainerStarted, ContainerDied, ContainerRemoved, PodSync';
  it.each([
    [{ since: '' }, 'since: got "", expected the number of an event, 0 or more'],
    [{ since: '-1' }, 'since: got "-1", expected the number of an event, 0 or more'],
    [{ since: '1.5' }, 'since: got "1.5", expected the number of an event, 0 or more'],
    [{ since: '1e3' }, 'since: got "1e3", expected the number of an event, 0 or more'],
    [
      { since: '9007199254740993' },
      'since: got "9007199254740993", expected the number of an event, 0 or more',
    ],
    [{ since: ['1', '2'] }, 'since: got ["1","2"], expected the number of an event, 0 or more'],
    [{ format: 'xml' }, 'format: got "xml", expected sse or ndjson'],
    [{ pod: '' }, 'pod: got "", expected the name of a pod, or namespace/name'],
    [{ type: 'ContainerChanged' }, `type: got "ContainerChanged", expected ${types}`],
    [{ type: 'Gap' }, `type: got "Gap", expected ${types}`],
    [{ type: ['PodSync', 'died'] }, `type: got "died", expected ${types}`],
    [{ typ: 'PodSync' }, 'unknown parameter "typ", expected since, format, pod, type'],
  ])('refuses %j', (fields, message) => {
    expect(() => readEventQuery(fields)).toThrow(new EventQueryError(message));
  });

  it('calls fields as the caller does', () => {
    expect(() => readEventQuery({ since: 'x' }, (field) => `--${field}`)).toThrow(/^--since: got "x"/);
  });
});

describe('matchesQuery', () => {
  const event = lifecycleEvent(1, { type: 'ContainerDied', podNamespace: 'shop', podName: 'web-0' });

  it.each([
    [{ pod: [], type: [] }, true],
    [{ pod: ['web-0'], type: [] }, true],
    [{ pod: ['shop/web-0'], type: [] }, true],
    [{ pod: ['web-1', 'web-0'], type: [] }, true],
    [{ pod: ['default/web-0'], type: [] }, false],
    [{ pod: ['web'], type: [] }, false],
    [{ pod: [], type: ['ContainerDied'] }, true],
    [{ pod: [], type: ['PodSync'] }, false],
    [{ pod: ['web-0'], type: ['PodSync'] }, false],
    [{ pod: ['web-1'], type: ['ContainerDied'] }, false],
  ] as const)('%j: %s', (query, isMatch) => {
    expect(matchesQuery(event, query)).toBe(isMatch);
  });

  it('holds back no Gap', () => {
    const gap = { type: 'Gap', seq: 4, from: 5, to: 9 } as const;
    expect(matchesQuery(gap, { pod: ['web-1'], type: ['PodSync'] })).toBe(true);
  });
});
