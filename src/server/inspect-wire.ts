import type { AnyActorRef, InspectionEvent } from 'xstate';

/** The version of @statelyai/inspect whose messages these are. */
const wireVersion = '0.7.2';

/** One message of @statelyai/inspect, as JSON. */
export type InspectMessage = Readonly<Record<string, unknown>> & {
  readonly type: '@xstate.actor' | '@xstate.event' | '@xstate.snapshot';
};

/** What a viewer gets first of each actor: who it is, its machine, and where it stands. */
export const describeActor = (actor: AnyActorRef, nowMs: number): InspectMessage => {
  const logic = Reflect.get(actor, 'logic') as { readonly config?: object } | undefined;
  const parent = parentOf(actor);
  return {
    type: '@xstate.actor',
    name: actor.id,
    sessionId: actor.sessionId,
    rootId: rootOf(actor).sessionId,
    ...(parent ? { parentId: parent.sessionId } : {}),
    definition: encode(logic?.config ?? { id: actor.id }),
    snapshot: plain(actor.getSnapshot()),
    ...stamp(nowMs),
  };
};

/** One thing that happened to an actor; undefined for what the format has no word for. */
export const describeInspection = (event: InspectionEvent, nowMs: number): InspectMessage | undefined => {
  const { actorRef, rootId } = event;
  if (event.type === '@xstate.actor') return describeActor(actorRef as AnyActorRef, nowMs);
  const common = { sessionId: (actorRef as AnyActorRef).sessionId, rootId, ...stamp(nowMs) };
  if (event.type === '@xstate.event') {
    const sourceId = event.sourceRef?.sessionId;
    return {
      type: event.type,
      event: plain(event.event),
      ...(sourceId === undefined ? {} : { sourceId }),
      ...common,
    };
  }
  if (event.type !== '@xstate.snapshot') return undefined;
  return { type: event.type, event: plain(event.event), snapshot: plain(event.snapshot), ...common };
};

const stamp = (nowMs: number) => ({ id: null, createdAt: String(Math.round(nowMs)), _version: wireVersion });

/** XState does not say whose child an actor is, but knows. */
const parentOf = (actor: AnyActorRef): AnyActorRef | undefined =>
  Reflect.get(actor, '_parent') as AnyActorRef | undefined;

function rootOf(actor: AnyActorRef): AnyActorRef {
  const parent = parentOf(actor);
  return parent ? rootOf(parent) : actor;
}

/** JSON can hold neither functions, which become their names, nor big numbers, nor errors. */
const encode = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'function') return { type: inner.name };
    if (typeof inner === 'bigint') return inner.toString();
    return inner instanceof Error ? { name: inner.name, message: inner.message } : inner;
  }) ?? 'null';

/** As it was at this moment; the actor goes on. */
const plain = (value: unknown): unknown => JSON.parse(encode(value));
