/** A number from a path as the id of a row, or null where it cannot be one. */
export function asId(text) {
  const id = Number(text)
  return Number.isSafeInteger(id) && id >= 1 && id < 2 ** 31 ? id : null
}
