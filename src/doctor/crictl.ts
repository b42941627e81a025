import type { Facts, StatusFact } from './facts.ts';

/** crictl against the runtime that was examined. */
export const crictl = ({ endpoint }: Pick<Facts, 'endpoint'>, args: string): string =>
  `crictl -r ${endpoint} ${args}`;

/** The command that makes the same status call; under `timeout`, as it may hang like ours. */
export const statusCommand = (facts: Facts, { pod, container }: StatusFact): string =>
  `timeout 10 ${crictl(facts, container === undefined ? `inspectp ${pod.podSandboxId}` : `inspect ${container.id}`)}`;
