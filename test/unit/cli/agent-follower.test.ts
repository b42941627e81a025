import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AgentAnswerError, AgentClient, AgentUnreachableError } from '../../../src/cli/agent-client.ts';
import { followAgent } from '../../../src/cli/agent-follower.ts';
import { startFakeAgent } from '../../helpers/fake-agent.ts';
import { FakeAgentView, healthyStatus, lifecycleEvent } from '../../helpers/fake-agent-view.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

let agent: Awaited<ReturnType<typeof startFakeAgent>>;
let time: SimulatedTime;
let reader: AbortController;
let seqs: number[];
let notices: string[];

beforeEach(async () => {
  agent = await startFakeAgent();
  time = new SimulatedTime();
  reader = new AbortController();
  seqs = [];
  notices = [];
});
afterEach(async () => {
  reader.abort();
  await agent.close();
});

/** Follows into `seqs` until the reader is aborted. */
async function follow(since?: number): Promise<void> {
  const entries = followAgent(new AgentClient(agent.address), {
    query: { since, pod: [], type: [] },
    notify: (text) => notices.push(text),
    time,
    signal: reader.signal,
  });
  for await (const { seq } of entries) seqs.push(seq);
}

/** The agent goes and another takes its place, once the follower has noticed. */
async function replaceAgent(view: FakeAgentView): Promise<void> {
  await agent.close();
  await vi.waitFor(() => expect(time.timerCount).toBe(1));
  agent = await startFakeAgent({ port: agent.address.port, view });
  await time.advance(250);
}

const went = 'the agent went away, waiting for it';

it('begins after the newest event, though none has come yet when the connection breaks', async () => {
  const done = follow();
  await vi.waitFor(() => expect(agent.view.subscriptions).toHaveLength(1));
  await replaceAgent(agent.view);
  await vi.waitFor(() => expect(agent.view.subscriptions).toHaveLength(2));
  expect(agent.view.subscriptions.map(({ since }) => since)).toEqual([17, 17]);
  expect(notices).toEqual([went, 'the agent is back, going on after 17']);
  reader.abort();
  await done;
});

it('goes on after the last event that it got', async () => {
  const done = follow(0);
  agent.view.push(lifecycleEvent(1), lifecycleEvent(2));
  await vi.waitFor(() => expect(seqs).toEqual([1, 2]));
  await replaceAgent(agent.view);
  agent.view.push(lifecycleEvent(3));
  await vi.waitFor(() => expect(seqs).toEqual([1, 2, 3]));
  expect(notices).toEqual([went, 'the agent is back, going on after 2']);
  reader.abort();
  await done;
});

it('reads the log of a restarted agent from its beginning', async () => {
  const done = follow(0);
  agent.view.push(lifecycleEvent(1), lifecycleEvent(2), lifecycleEvent(3));
  await vi.waitFor(() => expect(seqs).toEqual([1, 2, 3]));
  const restarted = new FakeAgentView();
  restarted.currentStatus = { ...healthyStatus, startedAt: '2026-11-20T23:00:00.000Z' };
  restarted.push(lifecycleEvent(1), lifecycleEvent(2));
  await replaceAgent(restarted);
  await vi.waitFor(() => expect(seqs).toEqual([1, 2, 3, 1, 2]));
  expect(notices).toEqual([went, 'the agent was restarted, its log begins anew']);
  reader.abort();
  await done;
});

it('asks ever less often while the agent is away, and says so once', async () => {
  const done = follow();
  await vi.waitFor(() => expect(agent.view.subscriptions).toHaveLength(1));
  await agent.close();
  const asked = vi.spyOn(AgentClient.prototype, 'status');
  for (const [index, delayMs] of [250, 500, 1000, 2000, 4000, 4000].entries()) {
    await vi.waitFor(() => expect(time.timerCount).toBe(1));
    await time.advance(delayMs - 1);
    expect(asked).toHaveBeenCalledTimes(index);
    await time.advance(1);
    expect(asked).toHaveBeenCalledTimes(index + 1);
  }
  asked.mockRestore();
  expect(notices).toEqual([went]);
  reader.abort();
  await done;
  expect(time.timerCount).toBe(0);
});

it('fails when the agent is not there at first', async () => {
  await agent.close();
  await expect(follow()).rejects.toThrow(AgentUnreachableError);
  expect(notices).toEqual([]);
});

it('fails when the agent refuses', async () => {
  vi.spyOn(AgentClient.prototype, 'events').mockImplementationOnce(() => {
    throw new AgentAnswerError('answered 403');
  });
  await expect(follow()).rejects.toThrow('answered 403');
});

it('ends at once with its reader', async () => {
  const done = follow();
  await vi.waitFor(() => expect(agent.view.openSubscriptionCount).toBe(1));
  reader.abort();
  await done;
  await vi.waitFor(() => expect(agent.view.openSubscriptionCount).toBe(0));
});
