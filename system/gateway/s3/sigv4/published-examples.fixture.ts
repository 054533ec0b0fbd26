/** What the examples that AWS publishes with its description of Signature V4 have in common. */
import { VirtualClock } from '../../../common/virtual-clock.ts';
import type { AuthenticateDeps, KeyRecord } from './authenticate.ts';
import type { IncomingHead } from './signed-request.ts';

export const exampleKey: KeyRecord = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  isEnabled: true,
};

export const exampleScope = '20130524/us-east-1/s3/aws4_request';
export const exampleTime = '2013-05-24T00:00:00Z';

/** A gateway that knows the example's key, at a time. */
export function depsAt(time: string, key: KeyRecord = exampleKey): AuthenticateDeps<KeyRecord> {
  const clock = new VirtualClock();
  clock.advance(Date.parse(time));
  return {
    clock,
    findKey: async (accessKey) => (accessKey === key.accessKey ? key : undefined),
    region: 'us-east-1',
  };
}

export function headOf(method: string, url: string, headers: Readonly<Record<string, string>>): IncomingHead {
  const [rawPath = '', rawQuery = ''] = url.split('?');
  return { method, rawPath, rawQuery, rawHeaders: Object.entries(headers).flat() };
}

export function authorization(signedHeaders: string, signature: string): string {
  const credential = `${exampleKey.accessKey}/${exampleScope}`;
  return `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${signedHeaders},Signature=${signature}`;
}
