import { join } from 'node:path';
import { NotChecked } from '../../kit/testing/case-context.ts';
import { type GoProgram, goProgram } from '../../kit/tools/go-program.ts';
import { type PythonPackages, pythonEnvironment } from '../../kit/tools/python-environment.ts';
import { ToolMissing } from '../../kit/tools/tool-missing.ts';

/**
 * The clients, in the versions that docs/s3-clients.md speaks of. Each Python program has an environment of its own, so that
 * what one of them pins moves none of the others.
 */
const shared = ['python-dateutil==2.9.0.post0', 'six==1.17.0'];
const ofAws = [...shared, 'jmespath==1.1.0', 'urllib3==2.8.0'];

const boto3: PythonPackages = {
  name: 'boto3',
  packages: ['boto3==1.44.8', 'botocore==1.44.8', 's3transfer==0.19.3', ...ofAws],
};

const awsCli: PythonPackages = {
  name: 'aws-cli',
  packages: [
    'awscli==1.46.3',
    'colorama==0.4.6',
    'docutils==0.19',
    'PyYAML==6.0.4',
    'rsa==4.7.2',
    'pyasn1==0.6.5',
  ].concat(ofAws),
};

const s3cmd: PythonPackages = { name: 's3cmd', packages: ['s3cmd==2.4.0', 'python-magic==0.4.27', ...shared] };

const rclone: GoProgram = { name: 'rclone', version: '1.76.0', source: 'github.com/rclone/rclone' };

const restic: GoProgram = { name: 'restic', version: '0.19.1', source: 'github.com/restic/restic/cmd/restic' };

/** The paths of the programs, which are installed first where they are not here. Each throws NotChecked where they cannot be had. */
export const programs = {
  pythonWithBoto3: () => inEnvironment(boto3, 'python'),
  aws: () => inEnvironment(awsCli, 'aws'),
  s3cmd: () => inEnvironment(s3cmd, 's3cmd'),
  rclone: () => orNotChecked(goProgram(rclone)),
  restic: () => orNotChecked(goProgram(restic)),
} as const;

async function inEnvironment(packages: PythonPackages, program: string): Promise<string> {
  return join(await orNotChecked(pythonEnvironment(packages)), program);
}

async function orNotChecked(path: Promise<string>): Promise<string> {
  try {
    return await path;
  } catch (error) {
    if (error instanceof ToolMissing) throw new NotChecked(error.message);
    throw error;
  }
}
