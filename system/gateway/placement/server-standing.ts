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
  readonly #inactiveSinceMs = new Map<ServerId, number>();
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
    for (const { serverId, status, heartbeatAgeMs } of servers) {
      // Another gateway may have done the job for hours: what was seen before the last heartbeat was another absence.
      const watchedMs = nowMs - (this.#inactiveSinceMs.get(serverId) ?? nowMs);
      const isAnother = heartbeatAgeMs !== null && heartbeatAgeMs < watchedMs;
      if (status !== 'inactive' || isAnother) this.#inactiveSinceMs.delete(serverId);
      if (status === 'inactive' && !this.#inactiveSinceMs.has(serverId)) this.#inactiveSinceMs.set(serverId, nowMs);
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

  #judge({ serverId, status, heartbeatAgeMs }: ServerRecord): Standing {
    if (status === 'removed') return 'lost';
    if (status === 'draining') return 'leaving';
    if (status !== 'inactive') return 'settled';
    const watchedMs = this.#clock.monotonicMs() - (this.#inactiveSinceMs.get(serverId) ?? 0);
    const inactiveMs = (heartbeatAgeMs ?? Number.POSITIVE_INFINITY) - this.#inactiveAfterMs;
    const isLost = inactiveMs >= this.#graceMs && watchedMs >= Math.min(this.#graceMs, WATCHED_MS_MIN);
    return isLost ? 'lost' : 'settled';
  }
}
