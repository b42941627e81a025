import { createCriClient } from '../cri/client.ts';
import type { Endpoint } from '../cri/endpoint.ts';
import type { Time } from '../lib/time.ts';
import { type Examination, examine } from './examine.ts';
import { judge, type Report } from './report.ts';

export interface DiagnosisOptions extends Pick<
  Examination,
  'host' | 'agentUrl' | 'kubeletHealthUrl' | 'kubeletMetricsUrls' | 'isStreamAsked'
> {
  readonly endpoint: Endpoint;
  readonly time: Time;
  readonly windowMs: number;
}

/** Beyond kubelet's limit, so that a list that is too long for kubelet still shows who fills it. */
const maxReceiveBytes = 128 * 1024 * 1024;

/** Examines a node over its runtime's socket and judges what is seen. Never rejects for what the node does. */
export const diagnose = async (options: DiagnosisOptions): Promise<Report> => {
  const answerBytes = new Map<string, number>();
  const client = createCriClient({
    endpoint: options.endpoint.target,
    maxReceiveBytes,
    time: options.time,
    onCall: (call) => {
      if (call.answerBytes !== undefined) answerBytes.set(call.method, call.answerBytes);
    },
  });
  try {
    return judge(
      await examine({ ...options, service: client, answerBytes: (method) => answerBytes.get(method) }),
    );
  } finally {
    client.close();
  }
};
