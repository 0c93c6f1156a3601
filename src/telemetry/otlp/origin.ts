import { NO_ATTRIBUTES } from '../attributes.ts'
import type { Attributes } from '../attributes.ts'
import type { Resource, Scope } from '../resource.ts'

/** Who made the records of a block. */
export type Origin = { readonly resource: Resource; readonly scope: Scope }

const UNKNOWN_SERVICE = 'unknown_service'

export const UNKNOWN_RESOURCE: Resource = resourceOf(NO_ATTRIBUTES)
export const UNKNOWN_SCOPE: Scope = { name: '', version: '', attributes: NO_ATTRIBUTES }

/** The words of a resource that everything is ordered by, taken out of its attributes
 *  (https://opentelemetry.io/docs/specs/semconv/resource/#service). */
export function resourceOf(attributes: Attributes): Resource {
  return {
    serviceName: attributes.get('service.name') || UNKNOWN_SERVICE,
    serviceInstance: attributes.get('service.instance.id') || attributes.get('host.name') || '',
    serviceVersion: attributes.get('service.version') ?? '',
    attributes,
  }
}
