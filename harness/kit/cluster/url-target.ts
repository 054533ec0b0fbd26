import { NotChecked } from '../testing/case-context.ts';
import type { TargetChoice } from '../testing/target-choice.ts';
import type { Target } from './target.ts';

/** A running store of which only addresses are known. Nothing but its wire interfaces can be checked. */
export function urlTarget({ targetUrl, s3Url, s3AccessKey, s3SecretKey }: TargetChoice): Target {
  const credentials =
    s3AccessKey === null || s3SecretKey === null ? null : { accessKey: s3AccessKey, secretKey: s3SecretKey };
  return {
    kind: 'url',
    capabilities: new Set(s3Url !== null && credentials !== null ? ['s3'] : []),
    get rest() {
      if (targetUrl === null) throw new NotChecked('the target has no REST interface');
      return new URL(targetUrl);
    },
    s3: s3Url === null ? null : new URL(s3Url),
    credentials,
    nodes: [],
    databaseUrl: null,
  };
}
