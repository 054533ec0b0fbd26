import type { ServerId, ServerRecord } from '../placement/membership.ts';
import type { Heartbeat, HeartbeatOutcome, ServerHolder, ServerRegistry } from './server-registry.ts';

/** Storage servers without a database: the conditions of metadata/servers.ts, for servers that never fall silent. */
export class MemoryRegistry implements ServerRegistry {
  readonly records = new Map<ServerId, ServerRecord & { instanceId: string | undefined }>();
  version = 0;
  /** Thrown instead of answering. */
  failure: Error | undefined;

  async clusterId(): Promise<string> {
    return 'cluster-1';
  }

  async membershipVersion(): Promise<number> {
    if (this.failure !== undefined) throw this.failure;
    return this.version;
  }

  async servers(): Promise<readonly ServerRecord[]> {
    return [...this.records.values()].filter(({ status }) => status !== 'removed');
  }

  async heartbeat(heartbeat: Heartbeat, _freshMs: number, replaced?: ServerHolder): Promise<HeartbeatOutcome> {
    if (this.failure !== undefined) throw this.failure;
    const { clusterId: _, ...said } = heartbeat;
    const known = this.records.get(heartbeat.serverId);
    const isHolder = (holder: { grpcAddress: string; instanceId: string | undefined } | undefined) =>
      known?.grpcAddress === holder?.grpcAddress && known?.instanceId === holder?.instanceId;
    if (known !== undefined && (known.status === 'removed' || !(isHolder(heartbeat) || isHolder(replaced)))) {
      return { heldBy: known };
    }
    const taken = known === undefined || known.status === 'inactive' ? 'active' : known.status;
    if (known?.grpcAddress !== heartbeat.grpcAddress || known.status !== taken) this.version++;
    this.records.set(heartbeat.serverId, { ...said, status: taken, heartbeatAgeMs: 0 });
    return { taken };
  }

  async markInactive(): Promise<readonly ServerId[]> {
    return [];
  }

  async saveRing(): Promise<void> {}
}
