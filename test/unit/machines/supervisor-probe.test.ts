import { describe, expect, it } from 'vitest';
import { degradation } from '../../model/step-discipline.ts';
import { expectToLeave, probing, waiting } from '../../model/supervisor-scenes.ts';
import { defaultInput } from '../../model/supervisor-stage.ts';

const climb = ['stopGeneric', 'updateRelistDuration', 'startGeneric'];
const { generic, evented } = defaultInput;

describe('a supervisor in generic', () => {
  it('probes the stream after a pause that doubles from 1 s to 60 s', async () => {
    const stage = await waiting();
    for (const pauseMs of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      await expectToLeave(stage, 'generic.waiting', pauseMs);
      expect(stage.path).toBe('streaming.probing');
      expect(stage.openStreamCount).toBe(1);
      await stage.fail('UNIMPLEMENTED');
      expect(stage.openStreamCount).toBe(0);
    }
    expect(stage.discipline.isGenericRunning).toBe(true);
    expect(stage.discipline.duration).toEqual(generic);
  });

  it('probes at once when the runtime returns, and begins with the shortest pause again', async () => {
    const stage = await waiting();
    for (const pauseMs of [1_000, 2_000, 4_000]) {
      await stage.advance(pauseMs);
      await stage.fail();
    }
    expect(stage.context.probeFailures).toBe(3);
    await stage.say({ type: 'runtime.returned' });
    expect(stage.path).toBe('streaming.probing');
    await stage.fail();
    await expectToLeave(stage, 'generic.waiting', 2_000);
  });
});

describe('a probe', () => {
  it('that speaks climbs', async () => {
    const stage = await probing();
    await stage.say({ type: 'stream.spoke' });
    expect(stage.path).toBe('streaming.climbing.stoppingGeneric.acting');
    expect(await stage.endAll()).toEqual(climb);
    expect(stage.path).toBe('streaming.evented.fresh');
    expect(stage.discipline.duration).toEqual(evented);
    expect(stage.discipline.isGenericRunning).toBe(true);
  });

  it('that stays open for 5 s climbs', async () => {
    const stage = await probing();
    await expectToLeave(stage, 'streaming.probing', 5_000);
    expect(await stage.endAll()).toEqual(climb);
    expect(stage.path).toBe('streaming.evented.fresh');
  });

  it('keeps its stream through the climb', async () => {
    const stage = await probing();
    const openedBefore = stage.openedStreamCount;
    await stage.say({ type: 'stream.spoke' });
    await stage.endAll();
    expect(stage.openedStreamCount).toBe(openedBefore);
    expect(stage.openStreamCount).toBe(1);
  });

  it('that is lost while climbing degrades, after the steps of the climb', async () => {
    const stage = await probing();
    await stage.say({ type: 'stream.spoke' });
    await stage.end('stopGeneric');
    await stage.fail('UNAVAILABLE', 'socket closed');
    expect(stage.path).toBe('streaming.climbing.updatingRelistDuration.acting');
    expect(await stage.endAll()).toEqual(['updateRelistDuration', 'startGeneric', ...degradation]);
    expect(stage.path).toBe('generic.waiting');
    expect(stage.context.degradationReason).toBe('socket closed');
    await expectToLeave(stage, 'generic.waiting', 2_000);
  });

  it('that is lost in one climb does not end the next', async () => {
    const stage = await probing();
    await stage.say({ type: 'stream.spoke' });
    await stage.fail();
    await stage.endAll();
    await stage.advance(2_000);
    await stage.say({ type: 'stream.spoke' });
    expect(await stage.endAll()).toEqual(climb);
    expect(stage.path).toBe('streaming.evented.fresh');
  });

  it('after a climb has all its retries', async () => {
    const stage = await probing();
    await stage.say({ type: 'stream.spoke' });
    await stage.endAll();
    for (const pauseMs of [100, 200, 400, 800]) {
      await stage.fail();
      await expectToLeave(stage, 'reconnecting', pauseMs);
    }
    await stage.fail();
    expect(stage.path).toBe('degrading.stoppingEvented.acting');
  });

  it('is counted again when the stream it climbed on fails before it is steady, so that flapping slows down', async () => {
    const stage = await probing();
    await stage.fail();
    await stage.advance(2_000);
    await stage.say({ type: 'stream.spoke' });
    await stage.endAll();
    await stage.advance(59_999);
    await stage.fail('UNIMPLEMENTED');
    await stage.endAll();
    await expectToLeave(stage, 'generic.waiting', 4_000);
  });

  it('begins with the shortest pause again after 60 s of a healthy stream', async () => {
    const stage = await probing();
    await stage.fail();
    await stage.advance(2_000);
    await stage.say({ type: 'stream.spoke' });
    await stage.endAll();
    await stage.advance(60_000);
    await stage.fail('UNIMPLEMENTED');
    await stage.endAll();
    await expectToLeave(stage, 'generic.waiting', 1_000);
  });
});
