/**
 * From the two lanes of a shape to its index: an open-addressing table over typed arrays, so that looking up a known
 * shape allocates nothing. Indexes count from 0 in the order of first appearance.
 */
export type ShapeTable = {
  /** Index of a known shape, or -1. */
  find(lane1: number, lane2: number): number
  add(lane1: number, lane2: number): number
  readonly size: number
}

export function createShapeTable(): ShapeTable {
  let mask = 0xff_ff
  let slots = new Int32Array(mask + 1)
  let lanes1 = new Int32Array(0x80_00)
  let lanes2 = new Int32Array(0x80_00)
  let size = 0

  /** Slots hold index + 1, so that 0 is free. */
  const slotOf = (lane1: number, lane2: number): number => {
    let slot = (lane1 ^ (lane1 >>> 16) ^ Math.imul(lane2, 0x9e_37_79_b1)) & mask
    for (;;) {
      const held = slots[slot] as number
      if (held === 0 || (lanes1[held - 1] === lane1 && lanes2[held - 1] === lane2)) return slot
      slot = (slot + 1) & mask
    }
  }

  const grow = (): void => {
    mask = mask * 2 + 1
    slots = new Int32Array(mask + 1)
    lanes1 = enlarged(lanes1)
    lanes2 = enlarged(lanes2)
    for (let index = 0; index < size; index++) {
      slots[slotOf(lanes1[index] as number, lanes2[index] as number)] = index + 1
    }
  }

  return {
    find: (lane1, lane2) => (slots[slotOf(lane1, lane2)] as number) - 1,
    add(lane1, lane2) {
      if (size === lanes1.length) grow()
      lanes1[size] = lane1
      lanes2[size] = lane2
      slots[slotOf(lane1, lane2)] = size + 1
      return size++
    },
    get size() {
      return size
    },
  }
}

function enlarged(from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2)
  to.set(from)
  return to
}
