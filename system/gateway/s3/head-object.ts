import { findObject } from '../objects/find-object.ts';
import { keyTarget, versionIdOf } from './object-target.ts';
import type { Operation } from './operation.ts';
import { planRead } from './read-plan.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html: as GetObject, without the bytes. */
export const headObject: Operation = async (deps, call) => {
  const found = await findObject(deps.metadata, keyTarget(call), versionIdOf(call.query), 'head');
  const { head } = await planRead(deps, call, found);
  return head;
};
