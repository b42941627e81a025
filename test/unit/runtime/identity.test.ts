import { makeGenericClientConstructor, credentials, status, type ServiceError } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { useEmbeddedRuntime } from '../../helpers/embedded-runtime.ts';

const fixture = useEmbeddedRuntime();

describe('what the runtime says of itself', () => {
  it('Version names it and the missing isolation', async () => {
    expect(await fixture.driver.cri.runtime.version({})).toMatchObject({
      runtimeName: 'plegd-embedded',
      runtimeVersion: '0.1.0+no-isolation',
      runtimeApiVersion: 'v1',
    });
  });

  it('Status is ready and names the missing isolation', async () => {
    const answer = await fixture.driver.cri.runtime.status({});
    expect(answer.status?.conditions).toMatchObject([
      { type: 'RuntimeReady', status: true, message: expect.stringContaining('no isolation') as string },
      { type: 'NetworkReady', status: true },
    ]);
    expect(answer.info).toEqual({});
  });

  it('a verbose Status says more', async () => {
    const { info } = await fixture.driver.cri.runtime.status({ verbose: true });
    expect(JSON.parse(info['config']!)).toEqual({ isolation: 'none' });
  });

  it('a call that it does not know is UNIMPLEMENTED', async () => {
    const bytes = { requestSerialize: () => Buffer.alloc(0), responseDeserialize: () => ({}) };
    const Client = makeGenericClientConstructor(
      {
        ExecSync: {
          path: '/runtime.v1.RuntimeService/ExecSync',
          requestStream: false,
          responseStream: false,
          requestDeserialize: () => ({}),
          responseSerialize: () => Buffer.alloc(0),
          ...bytes,
        },
      },
      'RuntimeService',
    );
    const client = new Client(fixture.runtime.endpoint, credentials.createInsecure());
    const error = await new Promise<ServiceError | null>((resolve) => {
      (client['ExecSync'] as (request: object, done: (error: ServiceError | null) => void) => void).call(
        client,
        {},
        resolve,
      );
    });
    client.close();
    expect(error?.code).toBe(status.UNIMPLEMENTED);
  });
});
