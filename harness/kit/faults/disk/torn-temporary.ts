import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { chunkFilesOf } from '../../census/physical-census.ts';
import type { ManagedNode } from '../../cluster/target.ts';
import type { Choices } from '../../seed/choices.ts';
import type { Fault } from '../fault.ts';

const withoutChunks = Buffer.alloc(16 * 1024, 'torn');

/**
 * A node dies, and its folder of unfinished files holds a chunk that was written only in part: the copy of one that it
 * has, cut anywhere. It is started again at the end, and must neither keep that nor serve it.
 */
export function tornTemporary(node: ManagedNode, choices: Choices): Fault {
  let what = 'a torn temporary file';
  return {
    start: async () => {
      await node.kill('SIGKILL');
      const paths: string[] = [];
      for await (const { path } of chunkFilesOf([node])) paths.push(path);
      const path = paths.length === 0 ? undefined : choices.pick(paths.sort());
      const whole = path === undefined ? withoutChunks : await readFile(path);
      const kept = choices.int(1, whole.length - 1);
      await mkdir(join(node.dataDir, 'tmp'), { recursive: true });
      const torn = `torn-${choices.int(0, 1e9)}.part`;
      await writeFile(join(node.dataDir, 'tmp', torn), whole.subarray(0, kept));
      const source = path === undefined ? 'of nothing' : `of ${basename(path)}`;
      what = `${torn}, the first ${kept} bytes ${source}, among its unfinished files`;
    },
    stop: async () => {
      if (!node.isRunning) await node.start();
    },
    describe: () => `${node.name} is killed with ${what}`,
  };
}
