import { builtGoProgram, type GoProgram, goProgram } from '../go-program.ts';
import { programOnPath } from '../tool-cache.ts';

export const toxiproxyVersion = '2.12.0';

const program: GoProgram = {
  name: 'toxiproxy-server',
  version: toxiproxyVersion,
  source: 'github.com/Shopify/toxiproxy/v2/cmd/server',
};

/** Where Toxiproxy's server is, on PATH or as it was built before; null when it would have to be built. */
export async function installedToxiproxy(): Promise<string | null> {
  return (await programOnPath(program.name)) ?? (await builtGoProgram(program));
}

/** The same, built by Go when it is not there: a minute or two. Throws ToolMissing. */
export async function toxiproxyBinary(): Promise<string> {
  return (await programOnPath(program.name)) ?? (await goProgram(program));
}
