import { expect } from 'vitest';
import type { SupervisorInput } from '../../machines/index.ts';
import { SupervisorStage } from './supervisor-stage.ts';

/** A supervisor on its stream. */
export const streaming = async (input: Partial<SupervisorInput> = {}): Promise<SupervisorStage> => {
  const stage = new SupervisorStage({ input });
  await stage.endAll();
  expect(stage.path).toBe('streaming.evented.fresh');
  return stage;
};

/** A supervisor that has fallen back, about to probe. */
export const waiting = async (input: Partial<SupervisorInput> = {}): Promise<SupervisorStage> => {
  const stage = await streaming(input);
  await stage.fail('UNIMPLEMENTED');
  await stage.endAll();
  expect(stage.path).toBe('generic.waiting');
  return stage;
};

export const probing = async (): Promise<SupervisorStage> => {
  const stage = await waiting();
  await stage.advance(1_000);
  expect(stage.path).toBe('streaming.probing');
  return stage;
};

/** Lets the time pass after which the stage leaves `path`, and proves that it does not leave a moment earlier. */
export const expectToLeave = async (stage: SupervisorStage, path: string, afterMs: number): Promise<void> => {
  expect(stage.path).toBe(path);
  await stage.advance(afterMs - 1);
  expect(stage.path).toBe(path);
  await stage.advance(1);
  expect(stage.path).not.toBe(path);
};
