import type { Target } from './target.ts';

/** A running store of which only the REST address is known. Nothing but its wire interface can be checked. */
export function urlTarget(rest: string): Target {
  return {
    kind: 'url',
    capabilities: new Set(),
    rest: new URL(rest),
    s3: null,
    credentials: null,
    nodes: [],
    databaseUrl: null,
  };
}
