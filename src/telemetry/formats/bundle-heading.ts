import { parsedLine } from './line-format.ts'
import type { LineParser } from './line-format.ts'

const RULE = /^(?:-{30,}|={30,}|=+ i-[0-9a-f]{8,17} =+)$/
const PATH = /^\/(?:var|opt|usr|home|srv|tmp|etc)\/(?:[\w.@+-]+\/)*[\w.@+-]+$/
/** `tail -f a.log b.log` */
const TAIL = /^==> \S.{0,300} <==$/

/**
 * The heading of one file in a file of many: Elastic Beanstalk's bundle (a rule, the path, a rule) and `tail` of several
 * files. It says nothing, but nothing goes on across it: a traceback before it ends there.
 */
export const bundleHeading: LineParser = {
  name: 'bundle-heading',
  kind: 'record',
  starts: /[-=/]/,
  parse: (line) => {
    const first = line.charCodeAt(0)
    const isHeading =
      first === 47 ? PATH.test(line) : line.length < 320 && (RULE.test(line) || TAIL.test(line))
    return isHeading ? parsedLine({ message: line, messageStart: 0, stream: 'bundle' }) : null
  },
}
