import type { Clock } from '../../common/clock.ts';
import type { ServerId, ServerRecord } from './membership.ts';
import type { Standing } from './repair-plan.ts';

/**
 * Longer than a heartbeat's interval. After an outage of the database every server looks silent until its next
 * heartbeat, and is not to be taken for lost meanwhile.
 */
const WATCHED_MS_MIN = 15_000;

/** Judges which servers' replicas count, from what the database says and for how long it has said so. */
export class ServerStandings {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #inactiveAfterMs: number;
  readonly #silentSinceMs = new Map<ServerId, number>();
  readonly #returned = new Set<ServerId>();
  #servers = new Map<ServerId, Standing>();

  constructor(clock: Clock, graceMs: number, inactiveAfterMs: number) {
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#inactiveAfterMs = inactiveAfterMs;
  }

  /** Takes over the servers that are not removed. */
  update(servers: readonly ServerRecord[]): void {
    const nowMs = this.#clock.monotonicMs();
    for (const server of servers) {
      const { serverId, heartbeatAgeMs } = server;
      const isSilent = this.#isSilent(server);
      // Another gateway may have done the job for hours: what was seen before the last heartbeat was another absence.
      const watchedMs = nowMs - (this.#silentSinceMs.get(serverId) ?? nowMs);
      const isAnother = heartbeatAgeMs !== null && heartbeatAgeMs < watchedMs;
      if (!isSilent || isAnother) this.#silentSinceMs.delete(serverId);
      if (isSilent && !this.#silentSinceMs.has(serverId)) this.#silentSinceMs.set(serverId, nowMs);
    }
    const before = this.#servers;
    this.#servers = new Map(servers.map((server) => [server.serverId, this.#judge(server)]));
    for (const [serverId, standing] of this.#servers) {
      if (standing === 'lost') this.#returned.delete(serverId);
      else if (before.get(serverId) === 'lost') this.#returned.add(serverId);
    }
  }

  /** Servers that were lost and count again. Each return is told once, whichever job looked at the servers first. */
  takeReturned(): ServerId[] {
    const returned = [...this.#returned];
    this.#returned.clear();
    return returned;
  }

  /** A server that is unknown or removed is lost. */
  of(serverId: ServerId): Standing {
    return this.#servers.get(serverId) ?? 'lost';
  }

  /** Servers whose replicas need no closer look. */
  get settled(): ServerId[] {
    return [...this.#servers].flatMap(([serverId, standing]) => (standing === 'settled' ? [serverId] : []));
  }

  /** A server that is drained stays `draining` when it falls silent; one in maintenance may be silent for as long as it takes. */
  #isSilent({ status, heartbeatAgeMs }: ServerRecord): boolean {
    const isUnheard = heartbeatAgeMs === null || heartbeatAgeMs >= this.#inactiveAfterMs;
    return status === 'inactive' || (status === 'draining' && isUnheard);
  }

  #judge(server: ServerRecord): Standing {
    const { serverId, status, heartbeatAgeMs } = server;
    if (status === 'removed') return 'lost';
    const standing = status === 'draining' ? 'leaving' : 'settled';
    if (!this.#isSilent(server)) return standing;
    const watchedMs = this.#clock.monotonicMs() - (this.#silentSinceMs.get(serverId) ?? 0);
    const silentMs = (heartbeatAgeMs ?? Number.POSITIVE_INFINITY) - this.#inactiveAfterMs;
    const isLost = silentMs >= this.#graceMs && watchedMs >= Math.min(this.#graceMs, WATCHED_MS_MIN);
    return isLost ? 'lost' : standing;
  }
}
