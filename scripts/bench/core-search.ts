/** Queries over R4's parameters, for what measures searches without a server. */
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import { canonicalQuantity } from '../../src/fhir/ucum.ts';
import { compileExpression } from '../../src/fhirpath/compile.ts';
import { SEARCH_LIMITS } from '../../src/search/limits.ts';
import { createSearchParameters } from '../../src/search/parameters.ts';
import type { SearchQuery } from '../../src/search/query.ts';
import { resolveSearch } from '../../src/search/resolve.ts';

/** Makes a query of `Type?parameters`. */
export function coreQueries(): (url: string) => SearchQuery {
  const definitions = loadCoreDefinitions();
  const model = createTypeModel(definitions);
  const parameters = createSearchParameters(definitions, model, {
    compile: (expression, type) => compileExpression(expression, type, model),
  });
  const context = {
    parameters,
    base: 'http://bench.example/fhir',
    handling: 'strict' as const,
    limits: SEARCH_LIMITS,
    canonicalQuantity,
    timeZone: 'UTC',
    now: Date.now(),
  };
  return (url) => {
    const [type = '', query] = url.split('?');
    return resolveSearch(type, [...new URLSearchParams(query)], context).query;
  };
}
