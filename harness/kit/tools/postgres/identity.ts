import { chown, lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root, and initdb wants a name for its user. So as root the server becomes the
 * owner of the data that exists, or else a user that machines have anyway. Undefined for an ordinary user:
 * the server then runs as whoever runs this.
 */
export async function serverIdentity(clusterDir: string): Promise<Identity | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await lstat(clusterDir).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const users = parsePasswd(await readFile('/etc/passwd', 'utf8'));
  const identity = users.get('postgres') ?? users.get('nobody');
  if (identity === undefined)
    throw new Error('PostgreSQL needs an unprivileged user: neither postgres nor nobody exists');
  return identity;
}

/** name -> ids, for every user but root. */
export function parsePasswd(passwd: string): Map<string, Identity> {
  const users = new Map<string, Identity>();
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name !== undefined && Number(uid) > 0) users.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  return users;
}

/** Gives `dir` and all below it to `identity`, where they are not already. Links are never followed. */
export async function ownedBy(dir: string, identity: Identity | undefined): Promise<void> {
  if (identity === undefined) return;
  const top = await lstat(dir);
  if (top.uid === identity.uid) return;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await ownedBy(path, identity);
    else if (!entry.isSymbolicLink()) await chown(path, identity.uid, identity.gid);
  }
  // The folder itself last: while it still has its old owner, an interrupted run starts over.
  await chown(dir, identity.uid, identity.gid);
}
