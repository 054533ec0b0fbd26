import { Command } from 'commander';
import { docker, missingImages } from '../../kit/tools/containers/docker-cli.ts';
import { type BaseImage, baseImages, imageNames } from '../../kit/tools/containers/image-names.ts';
import { useEngine } from '../../kit/tools/containers/own-engine.ts';
import { buildOffline } from './offline-images.ts';
import { buildProjectImages } from './project-images.ts';

interface Flags {
  readonly offline?: boolean;
  readonly installEngine?: boolean;
}

const pullDeadlineMs = 600_000;
/** They stand on debian. */
const late: readonly BaseImage[] = ['postgres15', 'postgres18', 'redis', 'node'];

export function imagesCommand(done: (exitCode: number) => void): Command {
  return new Command('images')
    .description('Make the images that the container target runs; what is there already stays.')
    .option('--offline', 'build the base images too, under their usual names, from packages of Debian, npm and Go')
    .option('--install-engine', 'as root on Debian: install a container engine where there is none')
    .action(async (flags: Flags) => {
      await using _engine = await useEngine({ mayInstall: flags.installEngine ?? process.env['CI'] === 'true' });
      await provideImages(flags.offline ?? false);
      done(0);
    });
}

async function provideImages(isOffline: boolean): Promise<void> {
  const provide = isOffline
    ? buildOffline
    : (image: BaseImage) => docker(['pull', '-q', imageNames[image]], pullDeadlineMs);
  const absent = await missingImages(baseImages.map((image) => imageNames[image]));
  const missing = baseImages.filter((image) => absent.includes(imageNames[image]));
  const make = (images: readonly BaseImage[]) =>
    Promise.all(images.filter((one) => missing.includes(one)).map((one) => told(imageNames[one], () => provide(one))));
  // Toxiproxy is built by Go meanwhile, and stands on nothing.
  const early = make(['toxiproxy']);
  early.catch(() => {});
  await make(['debian']);
  await make(late);
  await early;
  await told('sextant/gateway and sextant/storage-node', () => buildProjectImages({ isOffline }));
}

async function told(what: string, work: () => Promise<unknown>): Promise<void> {
  const startedAtMs = performance.now();
  const outcome = await work();
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  process.stdout.write(outcome === false ? `${what}: there already\n` : `${what}: made in ${seconds} s\n`);
}
