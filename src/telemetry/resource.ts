import type { Attributes } from './attributes.ts'

/** Who sent it. One object is shared by all records of a batch that came from it. */
export type Resource = {
  /** `service.name`, with `service.namespace` left in the attributes; `unknown_service` where none was sent. */
  readonly serviceName: string
  /** `service.instance.id`, else `host.name`, else ''. */
  readonly serviceInstance: string
  /** `service.version`, '' where unknown. */
  readonly serviceVersion: string
  readonly attributes: Attributes
}

/** The library that made the record. */
export type Scope = { readonly name: string; readonly version: string; readonly attributes: Attributes }
