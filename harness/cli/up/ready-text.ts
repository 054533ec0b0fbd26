import type { ClusterFile } from '../../kit/cluster/cluster-file.ts';
import type { Settings } from '../../kit/cluster/target.ts';
import type { Paint } from '../../report/summary.ts';

/** Every address, and a first thing to try that works when pasted. `settings` are those that the services were given. */
export function readyText(cluster: ClusterFile, dataDir: string, paint: Paint, settings: Settings): string {
  const { rest, s3, credentials } = cluster;
  const isRestOpen = !settings['SEXTANT_REST_KEYS'];
  // The key stands where the user has put it, and is not printed.
  const curl = isRestOpen ? 'curl -s' : `curl -s -H "Authorization: Bearer \${SEXTANT_REST_KEYS%%,*}"`;
  const access = isRestOpen
    ? 'REST is open without a key, because it listens on this machine only.'
    : 'REST asks for a key of SEXTANT_REST_KEYS.';
  const nodes = cluster.nodes.map(({ address }) => address);
  return `
${paint.green('Sextant is ready.')} ${cluster.nodes.length} storage nodes, ${cluster.replicas} replicas of each chunk

  REST        ${paint.bold(rest)}  (interface: ${rest}/docs, metrics: ${cluster.metrics})
  S3          ${paint.bold(s3)}  (region us-east-1, path style)
              access key ${credentials.access_key}
              secret key ${credentials.secret_key}
  nodes       ${nodes.join(' ')}
  PostgreSQL  ${withoutPassword(cluster.postgres)}
  data        ${dataDir}  (passwords and all addresses: cluster.json, logs: logs/)

${access} S3 asks for a signature always.

Try it:
  head -c 64000000 /dev/urandom > first.bin
  id=$(${curl} -F file=@first.bin ${rest}/files | sed 's/.*"file_id":"\\([^"]*\\)".*/\\1/')
  ${curl} ${rest}/files/$id/metadata; echo
  ${curl} ${rest}/files/$id -o back.bin && cmp first.bin back.bin && echo identical

The same over S3 (aws, boto3 and others: docs/s3-clients.md; more keys: npx sextant keys --help):
  s3() { curl -s -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --aws-sigv4 aws:amz:us-east-1:s3 --user ${credentials.access_key}:${credentials.secret_key} "$@"; }
  s3 -X PUT ${s3}/first && s3 -T first.bin ${s3}/first/first.bin
  s3 ${s3}/first/first.bin -o back.bin && cmp first.bin back.bin && echo identical
`;
}

function withoutPassword(url: string): string {
  return url.replace(/:[^:@/]*@/, '@');
}
