// The HTTP door: the API, its documentation, the ways in over HTTP, and what operators ask for. It translates, calls
// one function, formats; what is true it asks of the service that it is handed.
export { openDoor } from './open-door.ts'
