import type { InspectView } from '../server/inspect-feed.ts';
import type { NodePleg } from './node-pleg.ts';

/** The actors of a running PLEG, for those who watch them. */
export const createInspectView = ({ merge, supervision }: NodePleg): InspectView => ({
  supervisor: () => supervision.actor,
  pod: (podUid) => {
    const pod = merge.pod(podUid);
    return pod && [...pod.containerIds].flatMap((id) => merge.registry.get(id)?.actor ?? []);
  },
  container: (containerId) => merge.registry.get(containerId)?.actor,
});
