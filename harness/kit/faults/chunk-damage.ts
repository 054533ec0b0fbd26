import { open, rm, truncate } from 'node:fs/promises';
import { basename } from 'node:path';
import { pageBytes, type Region, regionsOf } from '../census/chunk-file.ts';
import { chunkFilesOf } from '../census/physical-census.ts';
import { Choices } from '../seed/choices.ts';
import { unlessAbsent } from '../tools/unless-absent.ts';
import type { Fault } from './fault.ts';

/**
 * What disks do to files behind everybody's back. Each fault hits one chunk file of a node that the seed chooses, and
 * nothing takes it back: mending it is what the store is tested for.
 */
export interface ChunkDamage extends Fault {
  /** Of the chunk that is hit; known after the start. */
  readonly chunkId: string;
  readonly path: string;
}

export interface DamageOptions {
  /** Only files of these chunks; default any. */
  readonly among?: ReadonlySet<string>;
  /** A node without any chunk file is left as it is, instead of failing. */
  readonly orNone?: true;
}

/** Flips one bit: first the region is chosen, then the byte in it, so that headers are hit as often as blocks. */
export function flipBit(
  dataDir: string,
  seed: string,
  options: DamageOptions & { readonly region?: Region } = {},
): ChunkDamage {
  return new Damage(dataDir, seed, options, (path, choices) => flipBitOf(path, choices, options.region));
}

/** Flips one bit in the blocks of each of so many of a hundred chunk files: what they say of themselves stays right. */
export function rot(dataDir: string, seed: string, perCent: number): Fault {
  let files = 0;
  return {
    start: async () => {
      const choices = new Choices(seed);
      const paths = choices.shuffle(await chunkPaths(dataDir));
      for (const path of paths.slice(0, Math.ceil((paths.length * perCent) / 100))) {
        // A running node may delete the file at the same moment.
        if ((await flipBitOf(path, choices, 'block').catch(unlessAbsent)) !== undefined) files += 1;
      }
    },
    stop: async () => {},
    describe: () => `one bit is flipped in each of ${files} chunk files in ${dataDir}`,
  };
}

async function flipBitOf(path: string, choices: Choices, wanted: Region | undefined): Promise<string> {
  await using file = await open(path, 'r+');
  const { size: fileBytes } = await file.stat();
  const lastPage = Buffer.alloc(pageBytes);
  await file.read(lastPage, 0, pageBytes, fileBytes - pageBytes);
  const region = wanted ?? choices.pick(['header', 'block', 'footer'] as const);
  const [from, to] = regionsOf(fileBytes, lastPage)[region];
  const at = choices.int(from, to - 1);
  const bit = choices.int(0, 7);
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte.writeUInt8(byte.readUInt8(0) ^ (1 << bit));
  await file.write(byte, 0, 1, at);
  await file.sync();
  return `flipped bit ${bit} of byte ${at} in the ${region} of`;
}

/** Cuts a file to a length that the seed chooses. */
export function truncateChunk(dataDir: string, seed: string, options: DamageOptions = {}): ChunkDamage {
  return new Damage(dataDir, seed, options, async (path, choices) => {
    await using file = await open(path, 'r');
    const keptBytes = choices.int(0, Math.max(0, (await file.stat()).size - 1));
    await truncate(path, keptBytes);
    return `cut to ${keptBytes} bytes`;
  });
}

/** Takes a file away. */
export function deleteChunkFile(dataDir: string, seed: string, options: DamageOptions = {}): ChunkDamage {
  return new Damage(dataDir, seed, options, async (path) => {
    await rm(path);
    return 'deleted';
  });
}

/** Does the damage, and says what it did. */
type Harm = (path: string, choices: Choices) => Promise<string>;

class Damage implements ChunkDamage {
  readonly #dataDir: string;
  readonly #seed: string;
  readonly #options: DamageOptions;
  readonly #harm: Harm;
  #hasNone = false;
  #done: { readonly path: string; readonly what: string } | undefined;

  constructor(dataDir: string, seed: string, options: DamageOptions, harm: Harm) {
    this.#dataDir = dataDir;
    this.#seed = seed;
    this.#options = options;
    this.#harm = harm;
  }

  async start(): Promise<void> {
    const choices = new Choices(this.#seed);
    const paths = await chunkPaths(this.#dataDir, this.#options.among);
    if (paths.length === 0 && this.#options.orNone === true) this.#hasNone = true;
    else this.#done = await this.#hitOne(paths, choices);
  }

  async stop(): Promise<void> {}

  describe(): string {
    if (this.#hasNone) return `no chunk file is damaged, for there is none in ${this.#dataDir}`;
    if (this.#done === undefined) return `damage to a chunk file in ${this.#dataDir}`;
    return `${this.#done.what} ${this.#done.path}`;
  }

  get path(): string {
    if (this.#done === undefined) throw new Error('the damage has not been done yet');
    return this.#done.path;
  }

  get chunkId(): string {
    return basename(this.path);
  }

  /** A running node may delete the file at the same moment: then another one is hit. */
  async #hitOne(paths: readonly string[], choices: Choices): Promise<{ path: string; what: string }> {
    const path = choices.pick(paths);
    try {
      return { path, what: await this.#harm(path, choices) };
    } catch (error) {
      const others = paths.filter((other) => other !== path);
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || others.length === 0) throw error;
      return await this.#hitOne(others, choices);
    }
  }
}

/** In order of their names, so that the same seed hits the same file of the same disk. */
async function chunkPaths(dataDir: string, among?: ReadonlySet<string>): Promise<string[]> {
  const paths: string[] = [];
  for await (const { chunkId, path } of chunkFilesOf([{ serverId: '', address: '', dataDir }])) {
    if (among === undefined || among.has(chunkId)) paths.push(path);
  }
  return paths.sort();
}
