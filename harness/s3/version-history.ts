import assert from 'node:assert/strict';
import type { S3HttpClient } from '../kit/clients/s3/s3-http-client.ts';

/**
 * Every version and delete marker of a bucket in the order of the listing, as `key id [marker] [latest]`. Read from the
 * document itself, because the SDK sorts versions and markers apart; for keys without characters that XML escapes.
 */
export async function historyOf(plain: S3HttpClient, bucket: string): Promise<string[]> {
  const { status, body } = await plain.send({ method: 'GET', bucket, query: 'versions=' });
  const text = body.toString();
  assert.equal(status, 200, text);
  assert.match(text, /<IsTruncated>false</, 'one page holds it all');
  return [...text.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)].map(([, kind, entry = '']) => {
    const element = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(entry)?.[1];
    const marks = `${kind === 'DeleteMarker' ? ' marker' : ''}${element('IsLatest') === 'true' ? ' latest' : ''}`;
    return `${element('Key')} ${element('VersionId')}${marks}`;
  });
}
