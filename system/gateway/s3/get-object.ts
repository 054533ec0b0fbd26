import { getObject as readObject } from '../objects/get-object.ts';
import { keyTarget, versionIdOf } from './object-target.ts';
import type { Operation } from './operation.ts';
import { planRead } from './read-plan.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export const getObject: Operation = async (deps, call) => {
  const versionId = versionIdOf(call.query);
  const plan = (found: Parameters<typeof planRead>[2]) => planRead(deps, call, found);
  const { head, bytes } = await readObject(deps.objects, keyTarget(call), versionId, plan, call.signal);
  return bytes === undefined ? head : { ...head, body: { bytes } };
};
