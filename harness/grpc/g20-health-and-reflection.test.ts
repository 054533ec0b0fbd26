/**
 * Speaks the standard health service and server reflection, as load balancers and grpcurl do. A failure means that
 * ordinary tools cannot tell whether a node serves, or what it serves.
 */
import assert from 'node:assert/strict';
import { ProtoClient } from '../kit/clients/proto-client.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { oneAndSix, onOneAndOnSix } from './nodes-under-test.ts';
import { refusedWith } from './refused.ts';

const health = `
  syntax = "proto3";
  package grpc.health.v1;
  service Health { rpc Check(HealthCheckRequest) returns (HealthCheckResponse); }
  message HealthCheckRequest { string service = 1; }
  message HealthCheckResponse {
    enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; }
    ServingStatus status = 1;
  }
`;

const reflection = `
  syntax = "proto3";
  package grpc.reflection.v1;
  service ServerReflection {
    rpc ServerReflectionInfo(stream ServerReflectionRequest) returns (stream ServerReflectionResponse);
  }
  message ServerReflectionRequest { string host = 1; oneof what { string file_containing_symbol = 4; string list_services = 7; } }
  message ServerReflectionResponse {
    FileDescriptorResponse file_descriptor_response = 4;
    ListServiceResponse list_services_response = 6;
  }
  message FileDescriptorResponse { repeated bytes file_descriptor_proto = 1; }
  message ListServiceResponse { repeated ServiceResponse service = 1; }
  message ServiceResponse { string name = 1; }
`;

testCase('G20', 'the standard health service says that the node serves', oneAndSix, async (ctx) => {
  await onOneAndOnSix(ctx, async ({ client: { address } }) => {
    using standard = new ProtoClient(health, 'grpc.health.v1.Health', address);
    for (const service of ['', 'storage.StorageService']) {
      assert.deepEqual(await standard.unary('Check', { service }), { status: 'SERVING' });
    }
    await refusedWith('NOT_FOUND', standard.unary('Check', { service: 'storage.Unknown' }), 'an unknown service');
  });
});

testCase('G20b', 'reflection lists the services and describes every method', oneAndSix, async (ctx) => {
  await onOneAndOnSix(ctx, async ({ client: { address } }) => {
    using mirror = new ProtoClient(reflection, 'grpc.reflection.v1.ServerReflection', address);
    const requests = [{ list_services: '' }, { file_containing_symbol: 'storage.StorageService' }];
    const [listed, described] = await Array.fromAsync(mirror.exchange('ServerReflectionInfo', requests));
    assert.ok(listed && described, 'reflection did not answer both questions');
    const { service } = listed['list_services_response'] as { service: { name: string }[] };
    const names = service.map(({ name }) => name);
    assert.ok(names.includes('storage.StorageService') && names.includes('grpc.health.v1.Health'), names.join(', '));

    const { file_descriptor_proto } = described['file_descriptor_response'] as { file_descriptor_proto: Buffer[] };
    const descriptors = Buffer.concat(file_descriptor_proto).toString('latin1');
    for (const method of ['PutChunk', 'GetChunk', 'DeleteChunk', 'HealthCheck', 'ListChunks', 'VerifyChunk']) {
      assert.ok(descriptors.includes(method), `the descriptor does not name ${method}`);
    }
  });
});
