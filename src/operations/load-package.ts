/**
 * $load-package: puts a FHIR package (package.tgz) into force while the server runs, and keeps it. The body is
 * the archive itself (application/gzip) or a Binary that holds it.
 * https://hl7.org/fhir/R4/packages.html
 */
import { CANONICAL_BASE } from '../fhir/canonical.ts';
import { fail, issue } from '../fhir/issues.ts';
import { toOperationOutcome } from '../fhir/outcome.ts';
import type { InteractionContext } from '../interactions/context.ts';
import type { OperationRow } from '../interactions/dispatch.ts';
import type { InteractionRequest, InteractionResponse } from '../interactions/request.ts';

export const loadPackageOperation: OperationRow = {
  name: '$load-package',
  levels: ['system'],
  types: [],
  affectsState: true,
  definition: `${CANONICAL_BASE}/OperationDefinition/load-package`,
  title: 'Load a FHIR package',
  handle: loadPackage,
};

async function loadPackage(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  const { body } = request;
  const data =
    body.kind === 'resource' && body.resource.resourceType === 'Binary' ? body.resource.data : undefined;
  if (typeof data !== 'string') {
    throw fail(
      'empty-body',
      'Send a package.tgz with Content-Type application/gzip, or a Binary that holds one.',
    );
  }
  const { id, version, definitions, issues } = await context.loadPackage(Buffer.from(data, 'base64'));
  const text = `The package ${id} ${version} with ${definitions} definitions is in force.`;
  const resource = toOperationOutcome([issue('request-done', text), ...issues]);
  return { status: 201, body: { kind: 'resource', resource } };
}
