import { beforeEach, describe, expect, it } from 'vitest';
import { maxLines, TimelineModel } from '../../../src/page/timeline-model.ts';
import { lifecycleEvent } from '../../helpers/fake-agent-view.ts';

const events = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => lifecycleEvent(from + index));

let model: TimelineModel;
const shown = (): string[] =>
  model.lines.map((line) =>
    line.kind === 'entry' ? String(line.entry.seq) : `${line.from}-${line.to} skipped`,
  );

beforeEach(() => {
  model = new TimelineModel();
});

describe('the timeline', () => {
  it('shows what comes, and says how many it was not sent', () => {
    model.take(events(4, 5));
    model.take(events(9, 9));
    expect(shown()).toEqual(['4', '5', '6-8 skipped', '9']);
  });

  it('shows nothing twice after a reconnect', () => {
    model.take(events(1, 3));
    expect(model.take(events(2, 4)).length).toBe(1);
    expect(shown()).toEqual(['1', '2', '3', '4']);
  });

  it('holds still while paused, counts what waits, and resumes with what was fetched', () => {
    model.take(events(1, 2));
    model.isPaused = true;
    expect(model.take(events(3, 9))).toEqual([]);
    expect(model.waitingCount).toBe(7);
    expect(model.shownSeq).toBe(2);
    model.resume(events(3, 9));
    expect(shown()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(model.waitingCount).toBe(0);
  });

  it('says what the log no longer had when it resumes', () => {
    model.take(events(1, 2));
    model.isPaused = true;
    model.take(events(9, 10));
    model.resume(events(8, 10));
    expect(shown()).toEqual(['1', '2', '3-7 skipped', '8', '9', '10']);
  });

  it('begins after a number that a person gives', () => {
    model.take(events(50, 60));
    model.restart(events(11, 12), 10);
    expect(shown()).toEqual(['11', '12']);
  });

  it('shows a Gap and the pods behind it, which share its number', () => {
    model.take(events(1, 3));
    model.take([
      { type: 'Gap', seq: 3, from: 4, to: 9 },
      lifecycleEvent(3, { type: 'PodSync', podName: 'a' }),
      lifecycleEvent(9, { type: 'PodSync', podName: 'b' }),
    ]);
    expect(model.lines.filter((line) => line.kind === 'entry').map(({ entry }) => entry.type)).toEqual([
      'ContainerStarted',
      'ContainerStarted',
      'ContainerStarted',
      'Gap',
      'PodSync',
      'PodSync',
    ]);
  });

  it('keeps no more than anybody scrolls through', () => {
    model.take(events(1, maxLines + 50));
    expect(model.lines).toHaveLength(maxLines);
    expect(shown().at(-1)).toBe(String(maxLines + 50));
  });
});
