import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { uploadForm } from './schemas.ts';

/** Serves /openapi.json and the page /docs, both made from the schemas that the routes are declared with. */
export async function serveOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sextant',
        version: '1',
        description: 'Immutable files of up to 10 GiB, each cut in six chunks and replicated over storage nodes.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'files', description: 'Store, read, list and delete files.' },
        { name: 'admin', description: 'What operators ask and order.' },
        { name: 'operations', description: 'Health and metrics.' },
        { name: 'admin', description: 'Storage servers, and the jobs that keep them even and their data whole.' },
      ],
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    },
  });
  const document = () => withUploadForm(app.swagger());
  await app.register(swaggerUi, { routePrefix: '/docs', transformSpecification: document });
  app.get('/openapi.json', { schema: { hide: true } }, document);
}

/** The form is read as a stream, so the framework knows no schema of it; the document gets it here. */
function withUploadForm(document: Exclude<ReturnType<FastifyInstance['swagger']>, string>) {
  const upload = document.paths?.['/files']?.post;
  if (upload === undefined) return document;
  const requestBody = { required: true, content: uploadForm };
  return {
    ...document,
    paths: { ...document.paths, '/files': { ...document.paths?.['/files'], post: { ...upload, requestBody } } },
  };
}
