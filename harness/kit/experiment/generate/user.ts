import type { Call, ValueId } from '../../history/events.ts';
import type { Choices } from '../../seed/choices.ts';
import { pickKey } from './pick-key.ts';
import type { WorkloadOptions } from './workload-options.ts';

/** One client while its operations are being chosen. */
export interface User {
  readonly choices: Choices;
  readonly options: WorkloadOptions;
  readonly run: Shared;
}

/** What all clients of a plan have in common. */
export class Shared {
  /** Of `/files`: uploads that are planned, and no delete yet. */
  readonly livingFiles: string[] = [];
  readonly deletedFiles: string[] = [];
  #values = 0;
  #files = 0;

  newValue(): ValueId {
    return `v${++this.#values}`;
  }

  /** A filename has no slash. */
  newFile(): string {
    return `files-${++this.#files}`;
  }
}

/** What a client does next: mostly one call, sometimes several that belong together. */
export type NextCalls = (user: User) => Call[];

/** A key of that folder, by the skew that the options ask for. */
export function keyIn(folder: string, { choices, options }: User, keys = options.keys): string {
  return `${folder}/${pickKey(choices, keys, options.skew)}`;
}

export function get(key: string): Call {
  return { via: 's3', kind: 'get', key, range: null };
}
