/** The images that the container target runs, by the names under which registries have them. */
export const imageNames = {
  debian: 'debian:bookworm-slim',
  node: 'node:24-bookworm-slim',
  postgres18: 'postgres:18-bookworm',
  postgres15: 'postgres:15-bookworm',
  redis: 'redis:7-bookworm',
  toxiproxy: 'ghcr.io/shopify/toxiproxy:2.12.0',
  gateway: 'sextant/gateway:latest',
  storageNode: 'sextant/storage-node:latest',
} as const;

/** Those that the project does not build from its own sources. */
export const baseImages = ['debian', 'node', 'postgres18', 'postgres15', 'redis', 'toxiproxy'] as const;
export type BaseImage = (typeof baseImages)[number];
