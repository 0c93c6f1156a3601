// The long-running composition: builds `serve` from the stages and the store, and keeps it in force as its configuration
// changes. In: a configuration and an opener of doors. Out: a running Service. Refuses to know: how a door speaks.
// Jobs (start, doctor, find the server) are loaded by app.ts when they are asked for; doors need what stands here.
export type { Check } from './check-installation.ts'
export type { HubEvent } from './event-hub.ts'
export type { ServerAddress } from './find-server.ts'
export { policiesOf } from './service-policies.ts'
export type { DoorPlace, OpenDoor, Service } from './service.ts'
export type { RunningService } from './start-service.ts'
