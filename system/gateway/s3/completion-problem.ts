import { unreachable } from '../../common/assert.ts';
import { type CompletionProblem, PART_BYTES_MIN } from '../objects/completion.ts';
import { S3Error } from './errors.ts';
import { checksumMismatch } from './upload-checksum.ts';

/** Why an upload cannot be completed as it was asked, in the words of AWS. */
export function completionError(problem: CompletionProblem, uploadId: string): S3Error {
  switch (problem.problem) {
    case 'not-ascending':
      return new S3Error('InvalidPartOrder', undefined, { UploadId: uploadId });
    case 'no-such-part': {
      const { partNumber, etag } = problem.part;
      return new S3Error('InvalidPart', undefined, { UploadId: uploadId, PartNumber: String(partNumber), ETag: etag });
    }
    case 'part-too-small': {
      const { partNumber, etag, sizeBytes } = problem.part;
      return new S3Error('EntityTooSmall', undefined, {
        ProposedSize: String(sizeBytes),
        MinSizeAllowed: String(PART_BYTES_MIN),
        PartNumber: String(partNumber),
        ETag: etag,
      });
    }
    case 'too-large':
      return new S3Error('EntityTooLarge', undefined, { ProposedSize: String(problem.sizeBytes) });
    case 'size-differs':
      return new S3Error(
        'InvalidRequest',
        `The provided 'x-amz-mp-object-size' header does not match what was computed: ${problem.sizeBytes}`,
      );
    case 'part-checksum-missing':
      return new S3Error(
        'InvalidRequest',
        `The upload was created using a ${problem.algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${problem.partNumber} in the request.`,
      );
    case 'checksum-differs':
      return new S3Error(
        'BadDigest',
        `The ${problem.algorithm.toLowerCase()} you specified did not match the calculated checksum.`,
      );
    case 'another-type':
      return new S3Error(
        'InvalidRequest',
        `The upload was created using the ${problem.expected} checksum mode. The complete request must use the same checksum mode.`,
      );
    case 'another-algorithm':
      return checksumMismatch(problem.expected, problem.claimed);
    default:
      return unreachable(problem, 'the problem of a completion');
  }
}
