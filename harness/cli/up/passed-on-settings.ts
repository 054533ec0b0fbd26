import type { Settings } from '../../kit/cluster/target.ts';

/** What the driver decides itself for each process. */
const driverOwned = [
  'SEXTANT_REST_PORT',
  'SEXTANT_S3_PORT',
  'SEXTANT_POSTGRES_URL',
  'SEXTANT_NODES',
  'SEXTANT_REPLICAS',
  'SEXTANT_NODE_HOST',
  'SEXTANT_NODE_PORT',
  'SEXTANT_NODE_DATA_DIR',
  'SEXTANT_NODE_ID',
  'SEXTANT_NODE_ADVERTISE',
  'SEXTANT_GATEWAYS',
];

/** The settings of the services that the user has set in the environment of `sextant up`. */
export function passedOnSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const passedOn = Object.entries(environment).filter(
    ([key, value]) => value !== undefined && key.startsWith('SEXTANT_') && !driverOwned.includes(key),
  );
  return Object.fromEntries(passedOn) as Settings;
}
