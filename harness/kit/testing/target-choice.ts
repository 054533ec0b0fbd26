/** What a run is against. */
export interface TargetChoice {
  readonly target: 'processes' | 'containers' | 'url';
  /** Of the container target. */
  readonly postgresVersion: 15 | 18;
  /** REST URL of a store that somebody else runs, with its key as the user name; null where it is not known. */
  readonly targetUrl: string | null;
  /** S3 URL of such a store, and a key for it. */
  readonly s3Url: string | null;
  readonly s3AccessKey: string | null;
  readonly s3SecretKey: string | null;
}

export const ownProcesses: TargetChoice = {
  target: 'processes',
  postgresVersion: 18,
  targetUrl: null,
  s3Url: null,
  s3AccessKey: null,
  s3SecretKey: null,
};

/** Where a key for `--s3` may be given without showing it to whoever lists processes. */
export const s3KeyVariables = { access: 'SEXTANT_TEST_S3_ACCESS_KEY', secret: 'SEXTANT_TEST_S3_SECRET_KEY' };

/** For people; without any key. */
export function targetLabel({ target, postgresVersion, targetUrl, s3Url }: TargetChoice): string {
  if (target === 'processes') return target;
  if (target === 'containers') return `containers with PostgreSQL ${postgresVersion}`;
  const rest = targetUrl === null ? [] : [`url:${new URL(targetUrl).origin}`];
  return [...rest, ...(s3Url === null ? [] : [`S3 at ${s3Url}`])].join(' and ');
}

/** What chooses the same target again on the command line; keys are to come from the environment. */
export function targetFlags({ target, postgresVersion, targetUrl, s3Url }: TargetChoice): string {
  if (target === 'processes') return '';
  if (target === 'containers')
    return ` --target containers${postgresVersion === 18 ? '' : ` --postgres ${postgresVersion}`}`;
  const rest = targetUrl === null ? '' : ` --target url:${new URL(targetUrl).origin}`;
  return `${rest}${s3Url === null ? '' : ` --s3 ${s3Url}`}`;
}
