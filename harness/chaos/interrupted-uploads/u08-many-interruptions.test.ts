/**
 * Uploads that are interrupted again and again, at points and in ways that the seed chooses, beside a load that goes on
 * through it all. A failure means that some rare order of events loses a file, shows a part of one, or loses space.
 */
import assert from 'node:assert/strict';
import type { Cluster } from '../../kit/cluster/target.ts';
import { during, type Fault } from '../../kit/faults/fault.ts';
import { kill } from '../../kit/faults/process/kill.ts';
import { pause } from '../../kit/faults/process/pause.ts';
import { restart } from '../../kit/faults/process/restart.ts';
import type { Choices } from '../../kit/seed/choices.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { Ledger } from '../../kit/workloads/ledger.ts';
import { startMixedLoad } from '../../kit/workloads/mixed-load.ts';
import { assertPromisesKept, bodyIdleMs, breakableStore, heal, MiB, needs } from './breakable-store.ts';
import { HalfUpload } from './half-upload.ts';

const store = breakableStore({ gateways: 2, ephemeral: false });
const interruptions = { fast: 40, full: 500 };
/** Of each hundred; the rest are clients that leave. */
const brokenServices = 25;
/** Interruptions by clients may overlap; services break one at a time. */
const lanes = 4;
const fileBytesMax = 12 * MiB;
const answeredWithinMs = 40_000;

testCase(
  'U21',
  'uploads interrupted again and again lose no acknowledged file, show no part of a file, and leave nothing',
  { cluster: 'own', phase: 2, needs, tags: ['concurrent'], timeoutMs: { fast: 240_000, full: 5_400_000 } },
  async (ctx) => {
    const cluster = await store();
    const ledger = new Ledger(ctx.id);
    const gateways = cluster.gateways.map(({ rest }) => rest);
    const operationDeadlineMs = answeredWithinMs;
    await using load = startMixedLoad({ gateways, seed: ctx.seed, clients: 2, bytesMax: MiB, operationDeadlineMs });
    const ways = Array.from({ length: interruptions[ctx.tier] }, (_, n) => {
      const choices = ctx.choices.fork(`interruption-${n}`);
      return { choices, byService: choices.chance(brokenServices) };
    });
    const byClient = ways.filter(({ byService }) => !byService).values();
    const clientLane = async () => {
      for (const { choices } of byClient) await interruptByClient(cluster, ledger, choices);
    };
    const serviceLane = async () => {
      for (const { choices } of ways.filter(({ byService }) => byService)) {
        await interruptByService(cluster, ledger, choices);
        await heal(cluster);
      }
    };
    await Promise.all([serviceLane(), ...Array.from({ length: lanes - 1 }, clientLane)]);
    await load.untilAcknowledged();
    await load.stop();

    const interrupted = await assertPromisesKept(cluster, ledger, 60_000);
    const beside = await assertPromisesKept(cluster, load.ledger, 60_000);
    ctx.note('uploads interrupted', ways.length);
    ctx.note('of them acknowledged all the same', interrupted.kept);
    ctx.note('not acknowledged and whole', interrupted.unsureHappened);
    ctx.note('acknowledged files of the load', beside.kept + beside.gone);
    assert.ok(beside.kept > 0);
  },
);

/** The client leaves at some byte: it closes, breaks the connection, or falls silent. */
async function interruptByClient(cluster: Cluster, ledger: Ledger, choices: Choices): Promise<void> {
  const upload = await beginSomewhere(cluster, ledger, choices);
  const how = choices.int(0, 2);
  if (choices.chance(15)) upload.sendRest();
  if (how === 0) upload.close();
  else if (how === 1) upload.reset();
  else await upload.answer(answeredWithinMs + bodyIdleMs);
}

/** A service breaks when the client has sent a part; the client sends the rest and waits for what it is told. */
async function interruptByService(cluster: Cluster, ledger: Ledger, choices: Choices): Promise<void> {
  const upload = await beginSomewhere(cluster, ledger, choices);
  await during(choices.pick(servicesFaults(cluster, choices)), async () => {
    upload.sendRest();
    await upload.answer(answeredWithinMs);
  });
}

function servicesFaults(cluster: Cluster, choices: Choices): Fault[] {
  const [node, gateway] = [choices.pick(cluster.nodes), choices.pick(cluster.gateways)];
  return [kill(node), kill(node), pause(node), kill(gateway), kill(gateway), restart(cluster.postgres)];
}

/** An upload that is under way through a gateway that is there. */
function beginSomewhere(cluster: Cluster, ledger: Ledger, choices: Choices): Promise<HalfUpload> {
  const sizeBytes = choices.int(1_000, fileBytesMax);
  const offset = choices.int(1, sizeBytes - 1);
  return until({ what: 'a gateway to take a connection', withinMs: 30_000 }, async () => {
    const upload = await HalfUpload.begin(ledger, choices.pick(cluster.gateways).rest, sizeBytes);
    upload.sendTo(offset);
    return upload;
  });
}
