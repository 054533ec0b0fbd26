import { presignedQuery, type SigningOptions } from '../../kit/clients/s3/sign-request.ts';
import { onTheWire, type Place } from './bad-request.ts';

/** A PUT by a presigned URL, with what `edit` does to its query afterwards. */
export function presigned(
  { endpoint, credentials, bucket }: Place,
  signing: Partial<SigningOptions> & { readonly expiresSeconds?: number } = {},
  edit: (query: string) => string = (query) => query,
): Buffer {
  const headers = { host: endpoint.host };
  const request = { method: 'PUT', path: `/${bucket}/new`, headers };
  const query = presignedQuery(request, signing.expiresSeconds ?? 60, { credentials, ...signing });
  return onTheWire({ ...request, query: edit(query), headers: { ...headers, 'content-length': '7' } }, 'content');
}
