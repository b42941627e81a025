import type { Sentence } from '../check/world.ts';
import type { Action } from './action.ts';
import { idsOf } from './calls.ts';
import { stateAt, type MadeEvent, type Part } from './model-runtime.ts';
import type { NodeWorld } from './node-world.ts';

/** An action in words, as it would be told to a colleague. */
export const sentenceOf = (world: NodeWorld, action: Action): Sentence => {
  const { runtime, stream } = world;
  switch (action.kind) {
    case 'advance':
      return { lane: 'runtime', text: advanceOf(runtime.part(action.id), world) };
    case 'deliver': {
      const overtaking = action.index > 0 ? `, overtaking ${String(action.index)}` : '';
      return {
        lane: 'stream',
        text: `the event ${nameOf(stream.queue[action.index]!)} arrives${overtaking}`,
      };
    }
    case 'double':
      return { lane: 'stream', text: `the event ${nameOf(stream.queue[0]!)} arrives, and will arrive again` };
    case 'deliverNil':
      return { lane: 'stream', text: `the event ${nameOf(stream.queue[0]!)} arrives without its sandbox` };
    case 'drop':
      return { lane: 'stream', text: `the event ${nameOf(stream.queue[0]!)} is lost` };
    case 'break':
      return {
        lane: 'stream',
        text: `the stream breaks with ${String(stream.queue.length)} events under way`,
      };
    case 'reconnect':
      return {
        lane: 'stream',
        text: action.isReplaying
          ? 'the stream is opened again, the past is replayed'
          : 'the stream is opened again',
      };
    case 'beginRelist':
      return { lane: 'relist', text: 'a relist begins' };
    case 'endRelist': {
      const { sandboxesVersion, containersVersion } = action;
      const sandboxes = listed(runtime.listPodSandboxes(sandboxesVersion));
      const containers = listed(runtime.listContainers(containersVersion));
      return { lane: 'relist', text: `the lists come: sandboxes ${sandboxes}; containers ${containers}` };
    }
    case 'beginInspection':
      return { lane: 'inspection', text: 'an inspection of the next pod begins' };
    case 'endInspection':
      return { lane: 'inspection', text: `pod ${action.podUid} is answered: ${answered(world, action)}` };
    case 'failInspection':
      return { lane: 'inspection', text: `the inspection of pod ${action.podUid} fails` };
    case 'wait':
      return { lane: 'plegd', text: 'time passes until the next retry is due' };
    case 'read':
      return { lane: 'consumer', text: 'the consumer reads one entry' };
    case 'resume':
      return { lane: 'consumer', text: `the consumer comes back with number ${String(world.consumer!.seq)}` };
  }
};

const advanceOf = (part: Part, { runtime }: NodeWorld): string => {
  const { to } = runtime.nextStep(part)!;
  return `${part.spec.id}: ${part.state} → ${to}`;
};

const nameOf = ({ event: { kind, containerId } }: MadeEvent): string => `“${String(kind)} ${containerId}”`;

const listed = (records: readonly { readonly id: string; readonly state: string }[]): string =>
  records.map(({ id, state }) => `${id} ${state}`).join(', ') || 'none';

const answered = (
  { inspections, runtime }: NodeWorld,
  { podUid, versions }: Extract<Action, { kind: 'endInspection' }>,
): string =>
  idsOf(inspections.get(podUid)!)
    .map((id, index) => `${id} ${stateAt(runtime.part(id), versions[index]!)}`)
    .join(', ') || 'nothing was asked';
