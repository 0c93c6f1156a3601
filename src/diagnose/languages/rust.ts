import type { Node } from '../syntax.ts'
import type { Language } from './language.ts'
import { calleeOf, negateWithBang, noAliases } from './language.ts'

const panics = /^(std::)?(panic|unreachable|todo|unimplemented|bail|anyhow::bail|assert|assert_eq|assert_ne)$/

/** A panic, `bail!`, or an `Err` that is made right there. */
function isRaise(node: Node): boolean {
  if (node.type === 'macro_invocation') return panics.test(calleeOf(node) ?? '')
  if (node.type === 'return_expression') return /^return\s+Err\(/.test(node.text)
  return node.type === 'call_expression' && /^(std::)?process::(exit|abort)$/.test(calleeOf(node) ?? '')
}

export const rust: Language = {
  id: 'rust',
  name: 'Rust',
  extensions: ['.rs'],
  grammar: 'rust',
  functions: new Set(['function_item', 'closure_expression']),
  classes: new Set(['impl_item', 'trait_item']),
  memberMark: '::',
  blocks: new Set(['source_file', 'block']),
  conditionals: new Set(['if_expression']),
  negatedConditionals: new Set(),
  loops: new Set(['for_expression', 'while_expression', 'loop_expression']),
  cases: new Set(['match_arm']),
  exits: new Set(['return_expression', 'continue_expression', 'break_expression']),
  negate: negateWithBang,
  isRaise,
  errorAnswer: /StatusCode::(INTERNAL_SERVER_ERROR|BAD_GATEWAY|SERVICE_UNAVAILABLE)|InternalServerError\(/,
  chances: [
    { callee: /^(rand::)?random::<bool>$/, draws: 'coin' },
    { callee: /^(rand::)?random::<(f32|f64)>$/, draws: 'unit' },
    { callee: /^(rand::)?random::<u8>$/, draws: 'byte' },
    { callee: /^(rand::)?random(::<\w+>)?$|^fastrand::(u32|u64|usize|i32)$/, draws: 'unknown' },
    { callee: /^(fastrand::)(f32|f64)$/, draws: 'unit' },
    { callee: /^(fastrand::)bool$/, draws: 'coin' },
    { callee: /\.(gen|random)::<bool>$/, draws: 'coin' },
    { callee: /\.(gen|random)::<(f32|f64)>$/, draws: 'unit' },
    { callee: /\.(gen_bool|random_bool|gen_ratio|random_ratio)$|^rand::random_bool$/, draws: 'share' },
    { callee: /\.(gen_range|random_range)$|^(rand::random_range|fastrand::\w+)$/, draws: 'integers-below' },
    { callee: /\bUuid::new_v4$/, draws: 'unknown' },
    { callee: /\.as_(secs|millis|micros|nanos)$|\.timestamp(_millis|_nanos)?$/, draws: 'clock-integer' },
    { callee: /\.subsec_nanos$/, draws: 'billion' },
    { callee: /\.subsec_micros$/, draws: 'million' },
    { callee: /\.subsec_millis$/, draws: 'thousand' },
    { callee: /\bnow\(\)\.(second|minute)$/, draws: 'sixty' },
  ],
  importAliases: noAliases,
}
