import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/agent/config-error.ts';
import { AgentUnreachableError } from '../../../src/cli/agent-client.ts';
import { describeFailure, exitCodeOf, SilentExit } from '../../../src/cli/exit.ts';
import { EndpointError } from '../../../src/cri/endpoint.ts';
import { EventQueryError } from '../../../src/server/event-query.ts';
import { ListenError } from '../../../src/server/listen-error.ts';

describe('the exit code', () => {
  it.each([
    [new ConfigError('bad'), 2],
    [new EventQueryError('bad'), 2],
    [new EndpointError('bad-input', '--runtime-endpoint', 'x', 'no scheme'), 2],
    [new CommanderError(1, 'commander.unknownOption', 'error: unknown option'), 2],
    [new CommanderError(1, 'commander.help', '(outputHelp)'), 2],
    [new CommanderError(0, 'commander.version', '0.1.0'), 0],
    [new EndpointError('refused', '--runtime-endpoint', 'x', 'no permission'), 1],
    [new ListenError('cannot listen'), 1],
    [new AgentUnreachableError('no agent'), 1],
    [new TypeError('x is undefined'), 1],
    ['a string', 1],
    [new SilentExit(1), 1],
  ])('of %s is %d', (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });
});

describe('the line', () => {
  it.each([
    [new ConfigError('--mode: got "x"'), 'plegd: --mode: got "x"'],
    [new Error('two\n  lines'), 'plegd: two lines'],
    [
      new CommanderError(
        1,
        'commander.unknownOption',
        "error: unknown option '--mod'\n(Did you mean --mode?)",
      ),
      "plegd: unknown option '--mod' (Did you mean --mode?)",
    ],
    ['a string', 'plegd: a string'],
    [new CommanderError(1, 'commander.help', '(outputHelp)'), undefined],
    [new CommanderError(0, 'commander.version', '0.1.0'), undefined],
    [new SilentExit(1), undefined],
  ])('of %s is %s', (error, line) => {
    expect(describeFailure(error)).toBe(line);
  });
});
