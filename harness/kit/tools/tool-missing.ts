/** A program of others is not on this machine, and what would build or install it is missing or failed. */
export class ToolMissing extends Error {
  override name = 'ToolMissing';
}
