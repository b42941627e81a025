import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { backoffMs, supervisorMachine } from '../../../machines/index.ts';
import { settle } from '../../helpers/simulated-time.ts';
import { degradation } from '../../model/step-discipline.ts';
import { expectToLeave, streaming } from '../../model/supervisor-scenes.ts';
import { defaultInput, pathOf, SupervisorStage } from '../../model/supervisor-stage.ts';

const { generic, evented } = defaultInput;

describe('a supervisor that starts', () => {
  it('starts the generic PLEG with the evented durations before it opens the stream', async () => {
    const stage = new SupervisorStage();
    expect(stage.openStreamCount).toBe(0);
    await stage.end('updateRelistDuration');
    expect(stage.discipline.duration).toEqual(evented);
    expect(stage.openStreamCount).toBe(0);
    await stage.end('startGeneric');
    expect(stage.discipline.isGenericRunning).toBe(true);
    expect(stage.openStreamCount).toBe(1);
  });

  it('never opens the stream in generic mode', async () => {
    const stage = new SupervisorStage({ input: { configuredMode: 'generic' } });
    expect(await stage.endAll()).toEqual(['updateRelistDuration', 'startGeneric']);
    expect(stage.discipline.duration).toEqual(generic);
    expect(stage.path).toBe('generic.chosen');
    await stage.say({ type: 'runtime.returned' });
    await stage.advance(3_600_000);
    expect(stage.path).toBe('generic.chosen');
    expect(stage.openedStreamCount).toBe(0);
  });

  it('gets no further than its first step where nobody provided its actors', async () => {
    const clock = new SimulatedClock();
    const actor = createActor(supervisorMachine, { input: defaultInput, clock }).start();
    await settle();
    expect(pathOf(actor.getSnapshot().value)).toBe(
      'starting.startingEventedRelist.updatingRelistDuration.pausing',
    );
  });
});

describe('a stream that fails', () => {
  it('with UNIMPLEMENTED degrades at once', async () => {
    const stage = await streaming();
    await stage.fail('UNIMPLEMENTED', 'unknown method GetContainerEvents');
    expect(stage.path).toBe('degrading.stoppingEvented.acting');
    expect(stage.openStreamCount).toBe(0);
    expect(stage.context.degradationReason).toBe('unknown method GetContainerEvents');
    expect(await stage.endAll()).toEqual(degradation);
    expect(stage.path).toBe('generic.waiting');
    expect(stage.discipline.duration).toEqual(generic);
  });

  it('five times in a row degrades, and four times does not', async () => {
    const stage = await streaming();
    for (const pauseMs of [100, 200, 400, 800]) {
      await stage.fail();
      await expectToLeave(stage, 'reconnecting', pauseMs);
      expect(stage.path).toBe('streaming.evented.fresh');
    }
    expect(stage.openedStreamCount).toBe(5);
    await stage.fail('OK', 'closed without an error');
    expect(stage.path).toBe('degrading.stoppingEvented.acting');
    expect(stage.context.degradationReason).toBe('closed without an error (5 in a row)');
    expect(await stage.endAll()).toEqual(degradation);
    expect(stage.openedStreamCount).toBe(5);
  });

  it('is opened again after a pause that doubles from 100 ms to 3 s', async () => {
    const stage = await streaming({ maxStreamRetries: 9 });
    for (const pauseMs of [100, 200, 400, 800, 1_600, 3_000, 3_000, 3_000]) {
      await stage.fail();
      expect(stage.openStreamCount).toBe(0);
      await expectToLeave(stage, 'reconnecting', pauseMs);
      expect(stage.openStreamCount).toBe(1);
    }
  });

  it('counts anew after 60 s of a healthy stream', async () => {
    const stage = await streaming();
    for (let round = 0; round < 3; round += 1) {
      for (const pauseMs of [100, 200, 400, 800]) {
        await stage.fail();
        await stage.advance(pauseMs);
      }
      await stage.advance(60_000);
      expect(stage.path).toBe('streaming.evented.steady');
      expect(stage.context.streamFailures).toBe(0);
    }
  });

  it('still counts after 59.999 s of a healthy stream', async () => {
    const stage = await streaming({ maxStreamRetries: 2 });
    await stage.fail();
    await stage.advance(100);
    await stage.advance(59_999);
    await stage.fail();
    expect(stage.path).toBe('degrading.stoppingEvented.acting');
  });

  it('once after long health is opened again after the shortest pause', async () => {
    const stage = await streaming();
    await stage.fail();
    await stage.advance(100);
    await stage.advance(60_000);
    await stage.fail();
    await expectToLeave(stage, 'reconnecting', 100);
  });
});

describe('a step', () => {
  it.each(['failed', 'timed out'])(
    'that %s is tried again after the pause and never skipped',
    async (how) => {
      const stage = await streaming();
      await stage.fail('UNIMPLEMENTED');
      const states = ['stoppingEvented', 'stoppingGeneric', 'updatingRelistDuration', 'startingGeneric'];
      for (const [index, step] of degradation.entries()) {
        const path = `degrading.${states[index]}`;
        for (let attempt = 1; attempt <= 3; attempt += 1) {
          expect(stage.pending).toBe(step);
          if (how === 'failed') await stage.end(step, 'failed');
          else await expectToLeave(stage, `${path}.acting`, 10_000);
          expect(stage.pending).toBeUndefined();
          await expectToLeave(stage, `${path}.pausing`, 700);
          expect(stage.path).toBe(`${path}.acting`);
        }
        await stage.end(step);
      }
      expect(stage.path).toBe('generic.waiting');
      expect(stage.discipline.done.slice(2)).toEqual(degradation);
      expect(stage.discipline.attempts).toHaveLength(2 + 4 * degradation.length);
      expect(stage.discipline.breaches).toEqual([]);
    },
  );

  it('whose time has run out is told so, and its late end changes nothing', async () => {
    const stage = await streaming();
    await stage.fail('UNIMPLEMENTED');
    await stage.advance(10_000);
    expect(stage.discipline.attempts.at(-1)).toMatchObject({ step: 'stopEvented', outcome: 'abandoned' });
    await stage.endLate();
    expect(stage.path).toBe('degrading.stoppingEvented.pausing');
    await stage.advance(700);
    expect(stage.pending).toBe('stopEvented');
  });

  it('is not disturbed by anything that happens meanwhile', async () => {
    const stage = await streaming();
    await stage.fail('UNIMPLEMENTED');
    for (const step of degradation) {
      const { path } = stage;
      await stage.say({ type: 'stream.spoke' });
      await stage.say({ type: 'runtime.returned' });
      await stage.fail();
      expect(stage.path).toBe(path);
      await stage.end(step);
    }
    expect(stage.path).toBe('generic.waiting');
  });
});

describe('backoffMs', () => {
  it('doubles from the first pause to the longest and stays there', () => {
    expect([1, 2, 3, 4, 5].map((failures) => backoffMs(100, 1_000, failures))).toEqual([
      100, 200, 400, 800, 1_000,
    ]);
    expect(backoffMs(100, 1_000, 1_000_000)).toBe(1_000);
  });
});
