import { readFile } from 'node:fs/promises'

/** A JSON file that may change while we run: read again when the last reading is older than `maxAgeMs`. */
export function jsonFile(path, maxAgeMs = 5000) {
  let content = null
  let readAt = -Infinity
  return async function read() {
    if (performance.now() - readAt > maxAgeMs) {
      content = JSON.parse(await readFile(path, 'utf8'))
      readAt = performance.now()
    }
    return content
  }
}

/** A file of the folder `data`. */
export function dataFile(name) {
  return new URL(`../data/${name}`, import.meta.url)
}
