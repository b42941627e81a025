import type { CriError } from './cri-error.ts';

const connectProblems: Readonly<Record<string, string>> = {
  ENOENT: 'nothing is there; start the runtime or name another endpoint',
  ECONNREFUSED: 'a socket is there but nobody listens; start the runtime',
  EACCES: "no permission to connect; run as root or as a member of the socket's group",
};

const describeUnimplemented = ({ method, details }: CriError): string =>
  // Version is in every CRI, so a runtime without it has no CRI v1 at all.
  method === 'Version' || details.includes('unknown service runtime.v1.RuntimeService')
    ? 'the runtime does not speak CRI v1: it is too old (v1alpha2 only) or its CRI plugin is disabled; ' +
      'containerd 1.6 and CRI-O 1.20 or later speak it'
    : `the runtime does not implement ${method}`;

const describeUnavailable = ({ details }: CriError): string => {
  const [, code = '', path = ''] = /\bconnect (E[A-Z]+) (.*?)(?:\. Resolution note.*)?$/s.exec(details) ?? [];
  const problem = connectProblems[code];
  return problem === undefined
    ? `the runtime cannot be reached: ${details}`
    : `the runtime cannot be reached at ${path}: ${problem} (${code})`;
};

const describeExhausted = ({ method, details }: CriError): string => {
  const [, action = '', sizeBytes = '', limitBytes = ''] =
    /(Received|trying to send) message larger than max \((\d+) vs\.? (\d+)\)/.exec(details) ?? [];
  if (action === '') return `the runtime is out of resources for ${method}: ${details}`;
  const excess = `the answer to ${method} is ${sizeBytes} bytes, beyond the limit of ${limitBytes} bytes`;
  return action === 'Received'
    ? `${excess}; raise maxReceiveBytes or remove dead containers`
    : `${excess} that the runtime itself sets; remove dead containers`;
};

const describe = (error: CriError): string => {
  switch (error.code) {
    case 'UNIMPLEMENTED':
      return describeUnimplemented(error);
    case 'UNAVAILABLE':
      return describeUnavailable(error);
    case 'RESOURCE_EXHAUSTED':
      return describeExhausted(error);
    case 'DEADLINE_EXCEEDED':
      return `the runtime did not answer ${error.method} in time: ${error.details}`;
    default:
      return error.message;
  }
};

/** What is wrong with the runtime and what to do about it, in one line for people. */
export const describeRuntimeProblem = (error: CriError): string =>
  describe(error).replace(/\s+/g, ' ').trim();
