import { concat, NEVER, of, Subject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import type { CriContainerEvent } from '../../../src/cri/runtime-service.ts';
import { settleMs, watchContainerEvents } from '../../../src/pleg/evented-pleg.ts';
import { timer$ } from '../../../src/pleg/timer.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';
import { marbleTime } from './marble-time.ts';
import { eventOf } from './records.ts';

const event = eventOf('p', 'stopped', 'c1', 1n);

const newScheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  });

/**
 * Watches a runtime whose stream is the given marbles until `unsubscribe`; `told` gets a letter for each thing
 * that is done: o opened, r relist requested, s settled, c closed.
 */
const watch = (scheduler: TestScheduler, stream: string, unsubscribe?: string) => {
  scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold(stream, { e: event });
    const told = new Subject<string>();
    const watched$ = watchContainerEvents({
      time: marbleTime(scheduler),
      service: { containerEvents: () => source },
      onOpened: () => told.next('o'),
      requestRelist: () => told.next('r'),
      onSettled: () => told.next('s'),
      onClosed: () => told.next('c'),
    });
    expectObservable(told).toBe(stories[stream] ?? '');
    expectObservable(watched$, unsubscribe).toBe(stream, { e: event });
    expectSubscriptions(source.subscriptions).toBe(subscriptions[stream] ?? '');
  });
};

/** What is told while the stream does what the key says. A group takes as many frames as it has characters. */
const stories: Record<string, string> = {
  '--e--e--': '(or) 996ms (rs) 996ms c',
  '--e--|': '(or)-c',
  '--e--#': '(or)-c',
  '500ms #': '(or) 496ms c',
  '1500ms |': '(or) 996ms (rs) 496ms c',
};

const subscriptions: Record<string, string> = {
  '--e--e--': '^ 1999ms !',
  '--e--|': '^----!',
  '--e--#': '^----!',
  '500ms #': '^ 499ms !',
  '1500ms |': '^ 1499ms !',
};

describe('watching container events', () => {
  it('relists at the opening and a second later, hands on each event, and closes when unsubscribed', () => {
    watch(newScheduler(), '--e--e--', '^ 1999ms !');
  });

  it.each([
    ['ends as the stream ends', '--e--|'],
    ['fails as the stream fails', '--e--#'],
    ['does not settle when the stream fails before', '500ms #'],
    ['has settled when the stream ends later', '1500ms |'],
  ])('%s', (_, stream) => {
    watch(newScheduler(), stream);
  });

  it('opens the stream when it is subscribed, and once for each subscription', async () => {
    const time = new SimulatedTime();
    let openCount = 0;
    const event$ = new Subject<CriContainerEvent>();
    const watched$ = watchContainerEvents({
      time,
      service: {
        containerEvents: () => {
          openCount += 1;
          return event$;
        },
      },
      requestRelist: () => undefined,
      onOpened: () => undefined,
      onSettled: () => undefined,
      onClosed: () => undefined,
    });
    expect(openCount).toBe(0);
    watched$.subscribe().unsubscribe();
    expect([openCount, event$.observed, time.timerCount]).toEqual([1, false, 0]);
    const second = watched$.subscribe();
    expect([openCount, event$.observed]).toEqual([2, true]);
    second.unsubscribe();
    await time.advance(settleMs);
  });

  it('hands on what comes while it is being opened', () => {
    const told: string[] = [];
    watchContainerEvents({
      time: new SimulatedTime(),
      service: { containerEvents: () => concat(of(event), NEVER) },
      requestRelist: () => told.push('relist'),
      onOpened: () => told.push('opened'),
      onSettled: () => told.push('settled'),
      onClosed: () => told.push('closed'),
    })
      .subscribe(() => told.push('event'))
      .unsubscribe();
    expect(told).toEqual(['opened', 'event', 'relist', 'closed']);
  });
});

describe('a timer', () => {
  it('emits once after its delay and completes', () => {
    const scheduler = newScheduler();
    scheduler.run(({ expectObservable }) => {
      expectObservable(timer$(marbleTime(scheduler), 5)).toBe('-----(v|)', { v: undefined });
    });
  });

  it('is cleared when it is unsubscribed', () => {
    const time = new SimulatedTime();
    const subscription = timer$(time, 5).subscribe();
    expect(time.timerCount).toBe(1);
    subscription.unsubscribe();
    expect(time.timerCount).toBe(0);
  });
});
