import { type FormPart, form } from '../kit/clients/multipart.ts';
import type { RestClient } from '../kit/clients/rest-client.ts';
import type { RestResponse, UploadedFile } from '../kit/clients/rest-types.ts';

/** POST /files with these parts, whatever they are. */
export function postForm(
  rest: RestClient,
  parts: readonly FormPart[],
  headers: Readonly<Record<string, string>> = {},
): Promise<RestResponse<UploadedFile>> {
  const { contentType, sizeBytes, body } = form(parts);
  return rest.send({
    method: 'POST',
    path: '/files',
    headers: {
      'content-type': contentType,
      ...(sizeBytes === undefined ? {} : { 'content-length': sizeBytes }),
      ...headers,
    },
    body,
  });
}
