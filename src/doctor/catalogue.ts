import type { CatalogueEntry } from './catalogue-entry.ts';
import { crictl, statusCommand } from './crictl.ts';
import {
  busEvidence,
  callEvidence,
  conditionEvidence,
  hangEvidence,
  hangsAsAWhole,
  likelyReaders,
  lists,
  metricsCommand,
  nodeCalls,
  one,
  ownerEvidence,
  plegOf,
  processEvidence,
  processesOf,
  psCommand,
  roomFor,
  runtimeOf,
  stackCommand,
  stallEvidence,
  statusesOf,
  streamOf,
  unannouncedEvidence,
} from './evidence.ts';
import {
  clockStepMs,
  lateEventMs,
  longRelistMs,
  manyDead,
  manyDefunct,
  manyExecs,
  messageLimitBytes,
  nearLimitBytes,
  nearlyFull,
  oldHelperMs,
  relistPeriodMs,
  slowCallMs,
  staleRelistMs,
  unreadLimitBytes,
} from './limits.ts';
import { isShared } from './shared-stream.ts';
import { whatOf } from './seen.ts';
import { bytesText, countText, percentText, podText, spanText, subjectText } from './words.ts';

/**
 * All that the doctor can find: findings of one severity are shown in this order. First what is the cause of
 * others when it is there at all, then the likeliest. To extend it, add an entry here and its case to `test/unit/doctor/catalogue.test.ts`.
 */
export const catalogue: readonly CatalogueEntry[] = [
  {
    id: 'process-stopped',
    causeClass: 'stuck process',
    severity: 'critical',
    title: 'a runtime or shim is stopped',
    cause:
      'A signal (SIGSTOP, SIGTSTP) or a debugger holds it. Whatever needs it waits: execs, exits, stops and often statuses of its pod.',
    issues: ['containerd/containerd#2438'],
    nextStep: 'Find out who stopped it, then let it go on: kill -CONT PID.',
    find: (facts) => processEvidence(processesOf(facts)?.stopped, psCommand),
  },
  {
    id: 'slow-reader',
    causeClass: 'event stream',
    severity: 'critical',
    title: 'a client of the runtime does not read what it is sent',
    cause:
      'On containerd 2.x a reader of events that stops reading (a suspended crictl events, a process that swaps) stops all starts, stops and removals on the node.',
    issues: ['containerd/containerd#9661'],
    nextStep: 'End or continue that process: the runtime is free again within a tenth of a second.',
    find: (facts) =>
      (whatOf(facts.clients)?.connections ?? [])
        .filter(({ unreadBytes }) => unreadBytes > unreadLimitBytes)
        .map(({ pid, name, unreadBytes }) => ({
          figure: `${name} ${pid} has left ${bytesText(unreadBytes)} unread`,
          command: `ss -xp | grep pid=${pid}`,
        })),
  },
  {
    id: 'runtime-unreachable',
    causeClass: 'runtime hang',
    severity: 'critical',
    title: 'nobody answers on the runtime’s socket',
    cause: 'The runtime is not running, is starting or has crashed, or the endpoint is that of another one.',
    issues: [],
    nextStep:
      'See why it is down (systemctl status containerd or crio, and its journal), then start it. Running containers survive that.',
    find: (facts) =>
      callEvidence(
        facts,
        ({ code }) => code === 'UNAVAILABLE',
        ({ problem }) => problem,
      ).slice(0, 1),
  },
  {
    id: 'runtime-hangs',
    causeClass: 'runtime hang',
    severity: 'critical',
    title: 'the runtime accepts calls and does not answer them',
    cause:
      'A deadlock inside the runtime, or all its threads wait for the same disk, shim or lock. Kubelet turns the node NotReady after 30 s without Status and 3 min without a list.',
    issues: [
      'containerd/containerd#3529',
      'containerd/containerd#5274',
      'containerd/cri#1018',
      'moby/moby#40145',
    ],
    nextStep:
      'Take a stack dump first (kill -USR1 of containerd or crio writes one and changes nothing), look at the stuck processes below, then restart the runtime. Running containers survive that.',
    find: (facts) =>
      callEvidence(
        facts,
        ({ code }) => code === 'DEADLINE_EXCEEDED',
        ({ method, durationMs }) => `${method} without an answer for ${spanText(durationMs)}`,
      ),
  },
  {
    id: 'all-statuses-hang',
    causeClass: 'runtime hang',
    severity: 'critical',
    title: 'every status call hangs, while lists may still work',
    cause:
      'Not one pod but what all pods share: a lock of the runtime, systemd or D-Bus behind it, or its disk. "crictl ps" fine and "crictl inspect" hanging is the classic picture.',
    issues: ['cri-o/cri-o#2584', 'containerd/containerd#3440', 'kubernetes/kubernetes#45419'],
    nextStep:
      'Take a stack dump of the runtime (kill -USR1), see whether systemd and D-Bus answer, then restart the runtime.',
    find: (facts) => (hangsAsAWhole(facts) ? hangEvidence(facts, () => true) : []),
  },
  {
    id: 'container-status-hangs',
    causeClass: 'hung status',
    severity: 'critical',
    title: 'the status of one container hangs',
    cause:
      'Its shim or OCI runtime is blocked, often in the kernel on storage that is gone (NFS). Kubelet asks one pod after the other, so this one holds up the whole relist and in 3 min the whole node.',
    issues: [
      'kubernetes/kubernetes#94829',
      'kubernetes/kubernetes#98044',
      'containerd/containerd#13814',
      'moby/moby#40817',
    ],
    nextStep:
      'Look at that pod’s processes (state D, a stopped shim). Bring its storage back or end its shim or runc; a bad pod is no reason to restart the runtime or to drain the node.',
    find: (facts) =>
      hangsAsAWhole(facts) ? [] : hangEvidence(facts, ({ container }) => container !== undefined),
  },
  {
    id: 'pod-status-hangs',
    causeClass: 'hung status',
    severity: 'critical',
    title: 'the status of one pod hangs',
    cause:
      'The sandbox is locked: by a CNI call that does not return (setting up or tearing down holds the pod’s network lock), or by its shim. Kubelet asks one pod after the other, so this one holds up the whole relist and in 3 min the whole node.',
    issues: ['kubernetes/kubernetes#98044', 'kubernetes/kubernetes#107749', 'kubernetes/kubernetes#94829'],
    nextStep:
      'Look for a CNI plugin that is still running for this pod and at the pod’s shim; end that process. A bad pod is no reason to restart the runtime or to drain the node.',
    find: (facts) =>
      hangsAsAWhole(facts) ? [] : hangEvidence(facts, ({ container }) => container === undefined),
  },
  {
    id: 'list-too-long',
    causeClass: 'dead pile up',
    severity: 'critical',
    title: 'a list is longer than the 16 MiB that kubelet takes',
    cause:
      'Dead containers or sandboxes have piled up. Kubelet’s collector lists with the same call, so it cannot clean up by itself any more.',
    issues: [
      'kubernetes/kubernetes#63858',
      'kubernetes/kubernetes#131407',
      'kubernetes/kubernetes#134750',
      'siderolabs/talos#10801',
    ],
    nextStep:
      'Remove dead pods of the owners below, one sandbox at a time, so that no long list is needed: crictl rmp SANDBOX for those that are not ready. Then find what makes them faster than they are collected.',
    find: (facts) => [
      ...lists(facts)
        .filter(
          ({ list }) => list.call.code === 'RESOURCE_EXHAUSTED' || (list.bytes ?? 0) > messageLimitBytes,
        )
        .map(({ list, what, args }) => ({
          figure:
            list.bytes === undefined
              ? list.call.problem
              : `${list.call.method} is ${bytesText(list.bytes)} long${list.total > 0 ? ` with ${list.total} ${what}` : ''}`,
          command: crictl(facts, args),
        }))
        .flatMap((evidence, index) => (index === 0 ? [evidence, ...ownerEvidence(facts)] : [evidence])),
    ],
  },
  {
    id: 'runtime-not-ready',
    causeClass: 'runtime hang',
    severity: 'critical',
    title: 'the runtime says that it is not ready',
    cause: 'Its own check failed; what it says is the best there is.',
    issues: [],
    nextStep: 'Follow the reason it gives, in its journal.',
    find: (facts) => conditionEvidence(facts, 'RuntimeReady'),
  },
  {
    id: 'network-not-ready',
    causeClass: 'cni',
    severity: 'critical',
    title: 'the pod network is not ready',
    cause:
      'No CNI configuration is there (the network’s own pod has not written it yet, or fails), or it cannot be read.',
    issues: [],
    nextStep: 'See whether the network’s pods on this node run, and what is in /etc/cni/net.d.',
    find: (facts) => conditionEvidence(facts, 'NetworkReady'),
  },
  {
    id: 'process-in-d-state',
    causeClass: 'stuck process',
    severity: 'critical',
    title: 'processes hang in the kernel (state D)',
    cause:
      'They wait for a disk or a file server that does not answer. No signal ends them; whoever asks about them, the runtime included, may hang as well.',
    issues: ['kubernetes/kubernetes#94829', 'kubernetes/kubernetes#98044', 'containerd/containerd#7496'],
    nextStep:
      'See what they wait for (the wchan or the stack) and bring that back. Do not unmount by force before you know who writes there.',
    find: (facts) => processEvidence(processesOf(facts)?.uninterruptible, stackCommand),
  },
  {
    id: 'disk-full',
    causeClass: 'host pressure',
    severity: 'critical',
    title: 'the runtime’s file system is full',
    cause:
      'Images, container logs or dead containers fill it. A runtime that cannot write its state stops starting and removing containers.',
    issues: [],
    nextStep:
      'Remove unused images (crictl rmi --prune) and old logs; give the runtime a file system of its own.',
    find: (facts) =>
      (whatOf(facts.disk) ?? []).flatMap(({ path, freeBytes, totalBytes, freeInodes, totalInodes }) => [
        ...one(
          totalBytes > 0 && freeBytes <= totalBytes * 0.02,
          () => `${path}: ${bytesText(freeBytes)} of ${bytesText(totalBytes)} free`,
          `df -h ${path}`,
        ),
        ...one(
          totalInodes > 0 && freeInodes <= totalInodes * 0.02,
          () => `${path}: ${freeInodes} of ${totalInodes} inodes free`,
          `df -i ${path}`,
        ),
      ]),
  },
  {
    id: 'systemd-silent',
    causeClass: 'systemd',
    severity: 'critical',
    title: 'systemd does not answer',
    cause:
      'With the systemd cgroup driver every start and stop of a container waits for it. Leaked scope units and old bugs of its bus bring it there.',
    issues: ['cri-o/cri-o#2584', 'systemd/systemd#11809'],
    nextStep:
      'Try systemctl daemon-reexec once, which keeps all units; update systemd. If it stays silent, drain the node and reboot.',
    find: (facts) =>
      busEvidence(whatOf(facts.bus)?.systemd, 'systemd', 'timeout 10 systemctl show --property=Version'),
  },
  {
    id: 'dbus-silent',
    causeClass: 'systemd',
    severity: 'critical',
    title: 'D-Bus does not answer',
    cause: 'Runtimes with the systemd cgroup driver talk to systemd through it.',
    issues: ['cri-o/cri-o#2584'],
    nextStep:
      'Look at the journal of dbus. Do not restart dbus on a running node, much else dies with it; drain the node and reboot.',
    find: (facts) => busEvidence(whatOf(facts.bus)?.dbus, 'D-Bus', 'timeout 10 busctl --system list'),
  },
  {
    id: 'kubelet-relist-hangs',
    causeClass: 'blindness',
    severity: 'critical',
    title: 'a relist of the kubelet is under way and does not end',
    cause:
      'Kubelet observes a relist only when it ends, so its metrics stay flat while it hangs: what looks quiet is stuck. Some call above hangs, or did when the relist came by.',
    issues: ['kubernetes/kubernetes#87108', 'kubernetes/kubernetes#98044'],
    nextStep:
      'Deal with the hanging call above. Where none is found, take the kubelet’s goroutines (/debug/pprof/goroutine?debug=2) and see which call the relist is in; then restart the kubelet.',
    find: (facts) => {
      const pleg = plegOf(facts);
      // With events the generic PLEG relists every 5 min only.
      return one(
        pleg !== undefined &&
          !pleg.isEvented &&
          pleg.relists === 0 &&
          (pleg.lastSeenAgeMs ?? 0) > staleRelistMs,
        () =>
          `no relist ended in ${spanText(pleg?.betweenMs ?? 0)}, the last one began ${spanText(pleg?.lastSeenAgeMs ?? 0)} ago`,
        metricsCommand(pleg?.url ?? '', 'kubelet_pleg_'),
      );
    },
  },
  {
    id: 'kubelet-unhealthy',
    causeClass: 'kubelet',
    severity: 'critical',
    title: 'the kubelet says that it is not healthy, or says nothing',
    cause:
      'Its sync loop has not come round for 5 min, or its PLEG is stuck. Where the runtime does well above, the kubelet itself is to blame.',
    issues: ['kubernetes/kubernetes#45419', 'kubernetes/kubernetes#98044'],
    nextStep:
      'Deal with the runtime’s findings first. Else save the kubelet’s goroutines (kill -ABRT writes them and ends it) and restart it; containers go on.',
    find: (facts) => {
      const health = whatOf(facts.kubeletHealth);
      return one(
        health !== undefined && health.status !== 200,
        () => (health?.status === 0 ? (health.body ?? '') : `HTTP ${health?.status}: ${health?.body}`),
        `curl -s ${health?.url}`,
      );
    },
  },
  {
    id: 'agent-unhealthy',
    causeClass: 'agent',
    severity: 'critical',
    title: 'the plegd agent on this node is not healthy',
    cause: 'It cannot list the runtime’s pods in time, or the runtime is down; it says which.',
    issues: [],
    nextStep: 'Deal with the findings about the runtime; the agent recovers by itself.',
    find: (facts) => {
      const agent = whatOf(facts.agent);
      return one(agent !== undefined && !agent.ok, () => agent?.message ?? '', 'plegd status');
    },
  },
  {
    id: 'agent-stuck-pods',
    causeClass: 'agent',
    severity: 'warning',
    title: 'the plegd agent cannot inspect some pods',
    cause: 'The same calls hang or fail for it, and for longer than this examination took.',
    issues: ['kubernetes/kubernetes#94829'],
    nextStep: 'Deal with the findings about these pods; the agent goes on with all others meanwhile.',
    find: (facts) =>
      (whatOf(facts.agent)?.stuck ?? []).map((figure) => ({ figure, command: 'plegd status' })),
  },
  {
    id: 'agent-degraded',
    causeClass: 'agent',
    severity: 'warning',
    title: 'the plegd agent does its work with something missing',
    cause: 'It counts this against its health, without being unhealthy.',
    issues: [],
    nextStep: 'Read what it says; mostly it is a finding about the runtime or its event stream.',
    find: (facts) => {
      const agent = whatOf(facts.agent);
      return agent === undefined || !agent.ok
        ? []
        : agent.degradations.map((figure) => ({ figure, command: 'plegd status' }));
    },
  },
  {
    id: 'status-fails',
    causeClass: 'hung status',
    severity: 'warning',
    title: 'the status of some pods cannot be read',
    cause:
      'The runtime answers with an error or with what is no answer. Kubelet keeps such a pod’s last status and tries again in every relist.',
    issues: ['kubernetes/kubernetes#114371', 'containerd/containerd#10728'],
    nextStep:
      'Ask for the status by hand and read the runtime’s journal at that moment. Deleting the pod is the usual way out.',
    find: (facts) =>
      (statusesOf(facts)?.failed ?? []).map((status) => ({
        figure: `${subjectText(status)}: ${status.call.problem}`,
        command: statusCommand(facts, status),
      })),
  },
  {
    id: 'call-fails',
    causeClass: 'runtime hang',
    severity: 'critical',
    title: 'the runtime answers a basic call with an error',
    cause: 'Version, Status or a list fails. Without them kubelet and every agent are blind.',
    issues: [],
    nextStep:
      'Read the error and the runtime’s journal; a runtime that is half started often needs a minute, one that stays so a restart.',
    find: (facts) =>
      callEvidence(
        facts,
        ({ code }) => !['OK', 'UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED'].includes(code),
        ({ method, problem }) => (problem.startsWith(method) ? problem : `${method}: ${problem}`),
      ),
  },
  {
    id: 'list-nearly-too-long',
    causeClass: 'dead pile up',
    severity: 'warning',
    title: 'a list nears the 16 MiB beyond which kubelet cannot recover',
    cause: 'Dead containers or sandboxes pile up faster than they are collected.',
    issues: ['kubernetes/kubernetes#131407', 'kubernetes/kubernetes#134750', 'siderolabs/talos#10801'],
    nextStep:
      'Remove dead pods of the owners below now, while lists still work; lower ttlSecondsAfterFinished and the history limits of their Jobs.',
    find: (facts) =>
      lists(facts)
        .filter(({ list }) => (list.bytes ?? 0) > nearLimitBytes && (list.bytes ?? 0) <= messageLimitBytes)
        .flatMap(({ list, what, args }) => [
          {
            figure: `${list.call.method} is ${bytesText(list.bytes ?? 0)} long with ${list.total} ${what}; about ${roomFor(list)} more fit`,
            command: crictl(facts, args),
          },
          ...ownerEvidence(facts),
        ]),
  },
  {
    id: 'dead-pile-up',
    causeClass: 'dead pile up',
    severity: 'warning',
    title: 'many dead containers or sandboxes lie around',
    cause:
      'Something makes pods faster than kubelet’s collector (once a minute, one at a time) removes them, or the collector does not get through.',
    issues: ['kubernetes/kubernetes#134750', 'kubernetes/kubernetes#45419'],
    nextStep:
      'See which Job or crash loop makes them. Removing dead ones by hand (crictl rm, crictl rmp) is safe for pods that the cluster no longer has.',
    find: (facts) =>
      lists(facts)
        .filter(({ list }) => list.dead > manyDead)
        .flatMap(({ list, what, args }, index) => [
          { figure: `${list.dead} of ${list.total} ${what} are dead`, command: crictl(facts, args) },
          ...(index === 0 ? ownerEvidence(facts) : []),
        ]),
  },
  {
    id: 'cni-plugin-hangs',
    causeClass: 'cni',
    severity: 'warning',
    title: 'a CNI plugin has been running for long',
    cause:
      'It waits for its agent or its API server, or for a lock of another plugin. Its pod’s network lock is held meanwhile, and PodSandboxStatus waits for that.',
    issues: ['kubernetes/kubernetes#107749', 'kubernetes/kubernetes#45419', 'containerd/containerd#13326'],
    nextStep:
      'See whether the network’s agent on this node does well. Ending the plugin makes the runtime report the error and try again.',
    find: (facts) =>
      processEvidence(
        processesOf(facts)?.helpers.filter(({ role, ageMs }) => role === 'cni' && ageMs > oldHelperMs),
        psCommand,
      ),
  },
  {
    id: 'oci-runtime-hangs',
    causeClass: 'runtime hang',
    severity: 'warning',
    title: 'an OCI runtime (runc) has been running for long',
    cause:
      'It hangs on a cgroup, a mount or systemd, and its shim waits for it; calls about its container hang with it.',
    issues: ['moby/moby#40817', 'moby/moby#44300', 'containerd/containerd#2438'],
    nextStep: 'Look at its stack. Ending the runc process frees the shim and has cured whole nodes.',
    find: (facts) =>
      processEvidence(
        processesOf(facts)?.helpers.filter(({ role, ageMs }) => role === 'oci' && ageMs > oldHelperMs),
        psCommand,
      ),
  },
  {
    id: 'shim-without-children',
    causeClass: 'stuck process',
    severity: 'warning',
    title: 'a shim has nothing left to look after',
    cause:
      'All its processes have ended and it has not: an exit event got lost, so the runtime may still call the container running, and neither events nor relists tell otherwise. Or the shim was forgotten when its pod went.',
    issues: ['containerd/containerd#13849', 'containerd/containerd#13653'],
    nextStep:
      'If its pod still exists, compare crictl inspect with ps; deleting the pod cleans up. If it does not, the shim can be ended.',
    find: (facts) => processEvidence(processesOf(facts)?.childlessShims, psCommand),
  },
  {
    id: 'defunct-processes',
    causeClass: 'stuck process',
    severity: 'warning',
    title: 'defunct processes are not reaped',
    cause:
      'A runtime, a shim or the kubelet has children that ended and does not take note: it is blocked itself. A container’s own first process that reaps nobody fills the table of processes as well.',
    issues: ['kubernetes/kubernetes#98044', 'containerd/containerd#3781'],
    nextStep: 'Look at their parent (ps -o ppid), not at them: they are gone already.',
    find: (facts) => {
      const processes = processesOf(facts);
      return [
        ...processEvidence(processes?.defunct, psCommand),
        ...one(
          (processes?.defunctTotal ?? 0) >= manyDefunct,
          () => `${processes?.defunctTotal} defunct processes on the machine`,
          "ps -eo stat,ppid,comm | grep '^Z'",
        ),
      ];
    },
  },
  {
    id: 'io-pressure',
    causeClass: 'host pressure',
    severity: 'warning',
    title: 'the machine waits for its disks',
    cause:
      'The disk is too slow for what is asked of it, or failing. Unmounting alone has taken over 10 s on such nodes.',
    issues: ['containerd/containerd#7496'],
    nextStep:
      'Find who writes (iotop, iostat -x 1) and move or limit it; give the runtime’s root a disk of its own.',
    find: (facts) => stallEvidence(facts, 'io'),
  },
  {
    id: 'memory-pressure',
    causeClass: 'host pressure',
    severity: 'warning',
    title: 'the machine is short of memory',
    cause:
      'Pages are reclaimed or swapped while everybody waits, or processes are being killed; a shim that is killed takes its pod’s exits with it.',
    issues: [],
    nextStep:
      'See who grows (ps --sort=-rss, the kernel’s journal for oom-kill); reserve memory for the system and the kubelet.',
    find: (facts) => [
      ...stallEvidence(facts, 'memory'),
      ...one(
        (whatOf(facts.pressure)?.oomKills ?? 0) > 0,
        () =>
          `${countText(whatOf(facts.pressure)?.oomKills ?? 0, 'process was', 'processes were')} killed for want of memory while we looked`,
        'journalctl -k | grep -i oom',
      ),
    ],
  },
  {
    id: 'cpu-pressure',
    causeClass: 'host pressure',
    severity: 'warning',
    title: 'the machine has too little cpu for what runs',
    cause: 'Runtime, shims and kubelet wait for their turn with everybody else; every call takes longer.',
    issues: [],
    nextStep:
      'See who uses it (top). Reserve cpu for the system and the runtime; give pods requests that are true.',
    find: (facts) => stallEvidence(facts, 'cpu'),
  },
  {
    id: 'runtime-cgroup-limits',
    causeClass: 'host pressure',
    severity: 'warning',
    title: 'the runtime’s own cgroup holds it back',
    cause: 'Its unit has a limit (TasksMax, MemoryMax, CPUQuota) that is too low for this node.',
    issues: [],
    nextStep:
      'Raise the limit in the runtime’s systemd unit; a runtime should have TasksMax=infinity and no CPUQuota.',
    find: (facts) => {
      const group = whatOf(facts.pressure)?.runtimeCgroup;
      if (group === undefined) return [];
      const { path, pids = 0, pidsMax = Infinity, memoryBytes = 0, memoryMaxBytes = Infinity } = group;
      const folder = `/sys/fs/cgroup${path}`;
      return [
        ...one(
          pids > pidsMax * nearlyFull,
          () => `${pids} of ${pidsMax} tasks`,
          `cat ${folder}/pids.current ${folder}/pids.max`,
        ),
        ...one(
          memoryBytes > memoryMaxBytes * nearlyFull,
          () => `${bytesText(memoryBytes)} of ${bytesText(memoryMaxBytes)} of memory`,
          `cat ${folder}/memory.current ${folder}/memory.max`,
        ),
        ...one(
          (group.throttledShare ?? 0) > 0.25,
          () => `held back in ${percentText(group.throttledShare ?? 0)} of its periods`,
          `cat ${folder}/cpu.stat`,
        ),
      ];
    },
  },
  {
    id: 'pids-nearly-exhausted',
    causeClass: 'host pressure',
    severity: 'critical',
    title: 'the machine runs out of process ids',
    cause:
      'Somebody starts processes or threads without end, or reaps none. Then no shim, no probe and no login can start.',
    issues: [],
    nextStep:
      'Find who has them (ps -eLo comm | sort | uniq -c | sort -n) and end it; set podPidsLimit for the kubelet.',
    find: (facts) => {
      const processes = processesOf(facts);
      return one(
        processes !== undefined && processes.threads > (processes.threadLimit ?? Infinity) * nearlyFull,
        () => `${processes?.threads} of ${processes?.threadLimit} possible threads`,
        'cat /proc/loadavg /proc/sys/kernel/pid_max /proc/sys/kernel/threads-max',
      );
    },
  },
  {
    id: 'disk-nearly-full',
    causeClass: 'host pressure',
    severity: 'warning',
    title: 'the runtime’s file system is nearly full',
    cause: 'Images, container logs or dead containers fill it.',
    issues: [],
    nextStep: 'Remove unused images (crictl rmi --prune) and old logs before kubelet begins to evict.',
    find: (facts) =>
      (whatOf(facts.disk) ?? []).flatMap(({ path, freeBytes, totalBytes, freeInodes, totalInodes }) => [
        ...one(
          freeBytes < totalBytes * (1 - nearlyFull) && freeBytes > totalBytes * 0.02,
          () => `${path}: ${bytesText(freeBytes)} of ${bytesText(totalBytes)} free`,
          `df -h ${path}`,
        ),
        ...one(
          freeInodes < totalInodes * (1 - nearlyFull) && freeInodes > totalInodes * 0.02,
          () => `${path}: ${freeInodes} of ${totalInodes} inodes free`,
          `df -i ${path}`,
        ),
      ]),
  },
  {
    id: 'runtime-out-of-files',
    causeClass: 'runtime hang',
    severity: 'warning',
    title: 'the runtime has nearly as many open files as it may',
    cause:
      'Each container costs it several (logs, fifos, the shim’s socket); beyond the limit pods fail with "too many open files".',
    issues: [],
    nextStep: 'Raise LimitNOFILE in the runtime’s systemd unit and restart it; containers survive that.',
    find: (facts) => {
      const process = whatOf(facts.runtimeProcess);
      return one(
        process !== undefined && process.openFiles > (process.openFilesLimit ?? Infinity) * nearlyFull,
        () =>
          `${process?.name} ${process?.pid}: ${process?.openFiles} of ${process?.openFilesLimit} open files`,
        `ls /proc/${process?.pid}/fd | wc -l; grep files /proc/${process?.pid}/limits`,
      );
    },
  },
  {
    id: 'runtime-has-many-threads',
    causeClass: 'runtime hang',
    severity: 'warning',
    title: 'the runtime has very many threads',
    cause:
      'Go adds a thread for each that hangs in the kernel: hundreds mean that many calls are stuck on disk, mounts or locks.',
    issues: ['kubernetes/kubernetes#45419', 'containerd/containerd#7496'],
    nextStep:
      'Take a stack dump (kill -USR1 of containerd or crio writes one and changes nothing) and see where they are.',
    find: (facts) => {
      const process = whatOf(facts.runtimeProcess);
      return one(
        (process?.threads ?? 0) > 500,
        () => `${process?.name} ${process?.pid}: ${process?.threads} threads`,
        `grep Threads /proc/${process?.pid}/status`,
      );
    },
  },
  {
    id: 'scopes-leak',
    causeClass: 'systemd',
    severity: 'warning',
    title: 'scope units of containers that are gone are left behind',
    cause: 'systemd was too slow or too old to remove them; thousands of them make it slow for good.',
    issues: ['cri-o/cri-o#2584', 'systemd/systemd#11809'],
    nextStep: 'Stop the empty ones (systemctl stop NAME.scope) and update systemd.',
    find: (facts) => {
      const { leakedScopes = [] } = whatOf(facts.pressure) ?? {};
      // A container that is just being made or removed has a scope and no record for a moment.
      return one(
        leakedScopes.length >= 20,
        () => `${leakedScopes.length} scopes without a container, such as ${leakedScopes[0]}`,
        'systemctl list-units --type=scope | wc -l',
      );
    },
  },
  {
    id: 'many-changes',
    causeClass: 'many changes',
    severity: 'warning',
    title: 'pods change faster than kubelet can look at them one by one',
    cause:
      'Kubelet inspects changed pods one after the other within a relist; a burst of pods, or a crash loop of many, makes relists longer and longer.',
    issues: ['kubernetes/kubernetes#95750', 'kubernetes/kubernetes#51919', 'kubernetes/kubernetes#45419'],
    nextStep:
      'Find what makes or kills pods here (a runaway CronJob, crash loops) and spread it over time and nodes.',
    find: (facts) => {
      const churn = whatOf(facts.churn);
      const { meanPodMs = 0 } = statusesOf(facts) ?? {};
      const busyShare =
        churn === undefined || churn.betweenMs <= 0 ? 0 : (churn.changedPods * meanPodMs) / churn.betweenMs;
      return one(
        busyShare > 0.5,
        () =>
          `${churn?.changedPods} pods changed in ${spanText(churn?.betweenMs ?? 0)} at ${spanText(meanPodMs)} each: ${percentText(busyShare)} of the time goes into looking`,
        crictl(facts, 'ps -a --last 50'),
      );
    },
  },
  {
    id: 'status-slow',
    causeClass: 'hung status',
    severity: 'warning',
    title: 'some status calls are slow',
    cause:
      'The runtime or one shim is short of cpu or disk, or waits for a lock. Two such calls per pod, one pod after the other, add up to a relist that takes minutes.',
    issues: ['kubernetes/kubernetes#95750', 'kubernetes/kubernetes#94829'],
    nextStep:
      'If it is always the same pod, look at its shim; if it is all of them, at the pressure on the machine.',
    find: (facts) =>
      (statusesOf(facts)?.slowest ?? [])
        .filter(({ call }) => call.durationMs > slowCallMs)
        .map((status) => ({
          figure: `${subjectText(status)}: ${status.call.method} took ${spanText(status.call.durationMs)}`,
          command: `time ${statusCommand(facts, status)}`,
        })),
  },
  {
    id: 'relist-outgrows-period',
    causeClass: 'durations',
    severity: 'warning',
    title: 'listing takes as long as the time between two relists',
    cause:
      'Kubelet lists every second. With hundreds of pods, or a runtime that is slow, it does nothing else any more.',
    issues: ['kubernetes/kubernetes#45278', 'kubernetes/kubernetes#108625', 'containerd/containerd#2438'],
    nextStep:
      'Fewer pods per node, or a faster machine. For an agent of your own choose a longer relist period and events.',
    find: (facts) => {
      const calls = nodeCalls(facts).filter(([call]) => call.method.startsWith('List') && call.code === 'OK');
      const listMs = calls.reduce((sum, [{ durationMs }]) => sum + durationMs, 0);
      const pleg = plegOf(facts);
      return [
        ...one(
          listMs > relistPeriodMs,
          () => `both lists took ${spanText(listMs)} together, the period is ${spanText(relistPeriodMs)}`,
          `time ${crictl(facts, 'ps -a')}`,
        ),
        ...one(
          (pleg?.meanRelistMs ?? 0) > relistPeriodMs,
          () =>
            `the kubelet’s relists took ${spanText(pleg?.meanRelistMs ?? 0)} on average${(pleg?.meanRelistMs ?? 0) > longRelistMs ? ', long enough for KubeletPlegDurationHigh' : ''}`,
          metricsCommand(pleg?.url ?? '', 'kubelet_pleg_relist_duration'),
        ),
      ];
    },
  },
  {
    id: 'exec-flood',
    causeClass: 'durations',
    severity: 'warning',
    title: 'exec probes flood the runtime',
    cause:
      'Each exec probe starts a runc and a process; many with a period of a second or two, or on a shim that is blocked, queue up.',
    issues: ['containerd/containerd#2438'],
    nextStep: 'Give exec probes longer periods and timeouts, or make them HTTP or gRPC probes.',
    find: (facts) => {
      const pleg = plegOf(facts);
      const perSecond = pleg === undefined || pleg.betweenMs <= 0 ? 0 : (pleg.execs * 1_000) / pleg.betweenMs;
      const { execs = 0 } = processesOf(facts) ?? {};
      return [
        ...one(execs > manyExecs, () => `${execs} runc exec at once`, 'pgrep -fc "runc.* exec"'),
        ...one(
          perSecond > manyExecs,
          () => `${Math.round(perSecond)} execs per second`,
          metricsCommand(pleg?.url ?? '', 'kubelet_runtime_operations_total'),
        ),
      ];
    },
  },
  {
    id: 'kubelet-discards-events',
    causeClass: 'kubelet',
    severity: 'warning',
    title: 'the kubelet has thrown pod lifecycle events away',
    cause:
      'Its channel of 1000 was full: its sync loop was slower than its PLEG. Those pods wait for the next resync.',
    issues: [],
    nextStep:
      'Look for what held the sync loop up (housekeeping took longer than expected, in its journal); restart it if it still lags.',
    find: (facts) => {
      const pleg = plegOf(facts);
      return one(
        (pleg?.discardedEvents ?? 0) > 0,
        () => `${pleg?.discardedEvents} discarded since the kubelet started`,
        metricsCommand(pleg?.url ?? '', 'kubelet_pleg_discard_events'),
      );
    },
  },
  {
    id: 'clock-stepped',
    causeClass: 'clock',
    severity: 'warning',
    title: 'the wall clock was set while we looked',
    cause:
      'Time is being corrected in steps, or the machine was paused. Stamps of containers and the kubelet’s metrics jump with it, and a pause longer than 3 min looks like a sick PLEG once.',
    issues: [],
    nextStep: 'See that one time service runs and slews (chronyc tracking, timedatectl).',
    find: (facts) => {
      const clock = whatOf(facts.clock);
      return one(
        Math.abs(clock?.stepMs ?? 0) > clockStepMs,
        () =>
          `the wall clock went ${spanText(Math.abs(clock?.stepMs ?? 0))} too ${(clock?.stepMs ?? 0) > 0 ? 'far' : 'little'}`,
        'timedatectl; chronyc tracking',
      );
    },
  },
  {
    id: 'stamps-from-the-future',
    causeClass: 'clock',
    severity: 'warning',
    title: 'containers carry stamps from the future',
    cause:
      'They were made before the clock was set back. Whoever orders states by stamps is wrong about them.',
    issues: ['kubernetes/kubernetes#126414'],
    nextStep:
      'Set the clock right first. It cures itself when the clock has caught up, or when the pods are made anew.',
    find: (facts) => [
      ...(whatOf(facts.lists)?.fromTheFuture ?? []).map(({ id, pod, aheadMs }) => ({
        figure: `${podText(pod)} (${id.slice(0, 13)}): created ${spanText(aheadMs)} from now`,
        command: crictl(facts, `inspect ${id} | grep createdAt; date -u`),
      })),
      ...one(
        (plegOf(facts)?.lastSeenAgeMs ?? 0) < -clockStepMs,
        () => `the kubelet’s last relist began ${spanText(-(plegOf(facts)?.lastSeenAgeMs ?? 0))} from now`,
        metricsCommand(plegOf(facts)?.url ?? '', 'kubelet_pleg_last_seen'),
      ),
    ],
  },
  {
    id: 'stream-silent',
    causeClass: 'event stream',
    severity: 'warning',
    title: 'the event stream is open and says nothing, while containers change',
    cause:
      'The stream is dead though its socket is not, or another reader takes all events. On containerd 2.x one reader that does not read, such as crictl events piped into a pager, also stops it for all others. Kubelet’s Evented PLEG calls itself healthy meanwhile, for up to 10 min.',
    issues: ['containerd/containerd#7318'],
    nextStep:
      'Look for other readers of the stream. An agent that compares events with lists, as plegd does, reopens it; for kubelet switch EventedPLEG off.',
    find: (facts) => {
      const stream = streamOf(facts);
      return stream === undefined ||
        stream.end !== undefined ||
        stream.events > 0 ||
        stream.unannounced.length === 0
        ? []
        : unannouncedEvidence(facts);
    },
  },
  {
    id: 'events-missed',
    causeClass: 'event stream',
    severity: 'warning',
    title: 'containers changed without an event',
    cause:
      'The runtime lost events (a full channel, a cancelled stream of containerd 1.7 or 2.x that still swallows some) or another reader took them.',
    issues: ['containerd/containerd#7318', 'kubernetes/kubernetes#114371', 'cri-o/cri-o#6627'],
    nextStep:
      'Nothing is lost for a PLEG that relists. Keep its relist period short, and one reader per runtime on containerd 1.7.',
    find: (facts) => {
      const stream = streamOf(facts);
      return stream === undefined || stream.end !== undefined || stream.events === 0
        ? []
        : unannouncedEvidence(facts);
    },
  },
  {
    id: 'competing-readers',
    causeClass: 'event stream',
    severity: 'warning',
    title: 'several readers share the one event stream of containerd 1.7',
    cause: 'containerd up to 1.7 gives each event to one reader only, so each sees a part and none knows.',
    issues: ['containerd/containerd#7318', 'cri-o/cri-o#6466'],
    nextStep:
      'Leave one: run plegd with --mode generic, or switch the kubelet’s EventedPLEG off (1.7 is not supported for it), or end crictl events. Or update containerd to 2.x.',
    find: (facts) => {
      const readers = likelyReaders(facts);
      const runtime = runtimeOf(facts);
      return runtime === undefined || !isShared(runtime) || readers.length < 2
        ? []
        : readers.map((figure) => ({
            figure,
            command: `ss -xp | grep ${facts.endpoint.replace('unix://', '')}`,
          }));
    },
  },
  {
    id: 'events-late',
    causeClass: 'event stream',
    severity: 'warning',
    title: 'events come late',
    cause:
      'The runtime is slow to send: another reader holds it up (containerd 2.x and CRI-O serve all readers in turn), or it lacks cpu.',
    issues: ['containerd/containerd#9661'],
    nextStep: 'Look for a reader that does not read, then at the pressure on the machine.',
    find: (facts) => {
      const stream = streamOf(facts);
      return one(
        (stream?.longestLagMs ?? 0) > lateEventMs,
        () => `an event came ${spanText(stream?.longestLagMs ?? 0)} after it was made`,
        crictl(facts, 'events'),
      );
    },
  },
  {
    id: 'stream-breaks',
    causeClass: 'event stream',
    severity: 'warning',
    title: 'the event stream breaks',
    cause:
      'The runtime was restarted while we looked, or sends what is no event. Kubelet gives events up for good after five such breaks.',
    issues: ['kubernetes/kubernetes#129827'],
    nextStep:
      'See whether the runtime restarts by itself (its journal). For kubelet a restart brings Evented PLEG back.',
    find: (facts) => {
      const end = streamOf(facts)?.end;
      return one(
        end !== undefined && end.code !== 'OK' && end.code !== 'UNIMPLEMENTED',
        () => `it ended after ${spanText(end?.afterMs ?? 0)}: ${end?.problem}`,
        crictl(facts, 'events'),
      );
    },
  },
  {
    id: 'events-disabled',
    causeClass: 'event stream',
    severity: 'info',
    title: 'the runtime’s event stream is switched off',
    cause:
      'CRI-O without enable_pod_events ends the stream at once and without an error; a client that just tries again spins.',
    issues: ['cri-o/cri-o#6466'],
    nextStep:
      'Nothing needs doing: plegd and kubelet relist instead. For events set enable_pod_events = true in crio.conf.',
    find: (facts) => {
      const end = streamOf(facts)?.end;
      return one(
        end?.code === 'OK',
        () => `the stream ended by itself after ${spanText(end?.afterMs ?? 0)}`,
        crictl(facts, 'events'),
      );
    },
  },
  {
    id: 'events-unimplemented',
    causeClass: 'event stream',
    severity: 'info',
    title: 'the runtime has no event stream',
    cause: 'It is older than the call: containerd before 1.7, CRI-O before 1.26, cri-dockerd.',
    issues: ['kubernetes/kubernetes#111642'],
    nextStep: 'Nothing needs doing: plegd and kubelet relist instead.',
    find: (facts) =>
      one(
        streamOf(facts)?.end?.code === 'UNIMPLEMENTED',
        () => 'GetContainerEvents: UNIMPLEMENTED',
        crictl(facts, 'events'),
      ),
  },
];
