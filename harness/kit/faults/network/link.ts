import { setTimeout as sleep } from 'node:timers/promises';
import type { ICreateToxicBody, Proxy as ToxiproxyProxy } from 'toxiproxy-node-client';
import type { Fault } from '../fault.ts';

/** From whoever connects to whoever listens, or the other way. */
export type Direction = 'upstream' | 'downstream';

/** A connection that leads through a Toxiproxy. */
export interface Link {
  /** Of the two ends: `gateway -> node-2`. */
  readonly name: string;
  /** host:port to dial instead of the real one. */
  readonly address: string;
  readonly proxy: ToxiproxyProxy;
}

/** Of those that refuse connections now. */
const refusing = new WeakSet<ToxiproxyProxy>();

/** Breaks every connection that stands, and takes new ones again at once; where none are taken, there is none to break. */
export async function cutConnections({ proxy }: Link): Promise<void> {
  if (refusing.has(proxy)) return;
  const { listen, upstream } = proxy;
  await proxy.update({ enabled: false, listen, upstream });
  await proxy.update({ enabled: !refusing.has(proxy), listen, upstream });
}

/** Breaks every connection that stands, and takes no new ones; or takes them again. */
export async function refuseConnections({ proxy }: Link, isRefusing: boolean): Promise<void> {
  if (isRefusing) refusing.add(proxy);
  else refusing.delete(proxy);
  const { listen, upstream } = proxy;
  await proxy.update({ enabled: !isRefusing, listen, upstream });
}

type Toxic = Pick<ICreateToxicBody<unknown>, 'type' | 'attributes'>;

/** Toxics of a link must have names of their own, also two of one type that overlap. */
let toxics = 0;

/** How long what waited in a toxic takes to flow on, once it is held up no more. */
const flowsOnMs = 100;

/**
 * A fault that is one toxic, in one direction or in both. Its own randomness is off: the harness decides when and where.
 *
 * A toxic that has a buffer of its own needs `harmless`, the attributes with which it passes everything on: it becomes so before it is
 * removed. Toxiproxy empties the buffer while it removes it, and gives each piece 5 s of which the taker is gone.
 */
export function toxicFault(
  link: Link,
  toxic: Toxic,
  directions: readonly Direction[],
  what: string,
  harmless?: Toxic['attributes'],
): Fault {
  const number = ++toxics;
  const nameOf = (direction: Direction) => `${toxic.type}-${direction}-${number}`;
  const added: Direction[] = [];
  return {
    start: async () => {
      for (const stream of directions) {
        await link.proxy.addToxic({ ...toxic, name: nameOf(stream), stream, toxicity: 1 });
        added.push(stream);
      }
    },
    stop: async () => {
      const present = await Promise.all(added.splice(0).map((stream) => link.proxy.getToxic(nameOf(stream))));
      if (harmless !== undefined) {
        for (const one of present) await one.update({ ...one.toJson(), attributes: harmless });
        await sleep(flowsOnMs);
      }
      for (const one of present) await one.remove();
    },
    describe: () => `${link.name} ${what}`,
  };
}
