import { S3Error } from '../errors.ts';
import type { BodyReader } from './body-reader.ts';
import type { ChunkedPlan } from './payload.ts';

const SIGNATURE = 'x-amz-trailer-signature';
const MALFORMED = 'MalformedTrailerError';

/**
 * Reads what stands behind the last chunk, to the end of the body, into `trailers`. Clients differ in where they put
 * empty lines and in whether a line ends in CR LF or in LF, so both are taken as they come.
 * Throws MalformedTrailerError for what is no trailer or too long, SignatureDoesNotMatch, IncompleteBody.
 */
export async function readTrailers(
  reader: BodyReader,
  plan: ChunkedPlan,
  bytesMax: number,
  trailers: Map<string, string>,
): Promise<void> {
  const found = new Map<string, string>();
  let leftBytes = bytesMax;
  for (;;) {
    const line = await reader.line(leftBytes, MALFORMED);
    if (line === undefined) break;
    // An empty line counts too, so that a body of nothing else ends.
    leftBytes -= line.length + 1;
    if (leftBytes < 0) throw new S3Error(MALFORMED);
    if (line !== '') addTrailer(found, line, plan);
  }
  const signature = found.get(SIGNATURE);
  found.delete(SIGNATURE);
  if (plan.hasTrailer) plan.signer?.verifyTrailers(canonicalTrailers(found), signature ?? '');
  for (const [name, value] of found) trailers.set(name, value);
}

function addTrailer(found: Map<string, string>, line: string, plan: ChunkedPlan): void {
  const colon = line.indexOf(':');
  const name = line.slice(0, colon).trim().toLowerCase();
  if (!plan.hasTrailer || colon < 1 || found.has(name)) throw new S3Error(MALFORMED);
  found.set(name, line.slice(colon + 1).trim());
}

function canonicalTrailers(trailers: ReadonlyMap<string, string>): string {
  const names = [...trailers.keys()].sort();
  return names.map((name) => `${name}:${trailers.get(name)}\n`).join('');
}
