import { describe, expect, test } from 'vitest'
import { explainSource, sourceAround } from './explain-source.ts'
import type { SourceExplanation } from './source-explanation.ts'

/** Explains the line that carries the mark `<<<` in a comment. */
async function explain(
  file: string,
  source: string,
  exceptionType: string | null = null,
): Promise<SourceExplanation | null> {
  const line = source.split('\n').findIndex((each) => each.includes('<<<')) + 1
  return explainSource({ readFile: () => Promise.resolve(source) }, { file, line, exceptionType })
}

const rounded = (share: number | null | undefined): number | null =>
  share === null || share === undefined ? null : Number(share.toFixed(9))

type Row = readonly [condition: string, chance: string | null, share: number | null]

/** The condition in a function of each language that raises when it holds. */
const raisers: Record<string, (condition: string, before: string) => string> = {
  'a.py': (condition, before) => `import random
from random import choice as pick
import numpy as np
RATE = 0.25
def coin():
    return random.random() < 0.3
def home():
    ${before || 'pass'}
    if ${condition}:
        raise ValueError("x")  # <<<
    return 1
`,
  'a.js': (condition, before) => `const { randomInt: pick } = require('node:crypto')
const RATE = 0.25
function coin() { return Math.random() < 0.3 }
async function home(req, res) {
  ${before}
  if (${condition}) {
    throw new Error('x') // <<<
  }
}
`,
  'a.ts': (condition, before) => `class Home<T> {
  async home(req: Request): Promise<T | undefined> {
    ${before}
    if (${condition}) throw new Error('x') // <<<
    return undefined
  }
}
`,
  'A.java': (condition, before) => `class A {
  static final double RATE = 0.25;
  private final Random random = new Random();
  boolean coin() { return random.nextInt(10) < 3; }
  String home() {
    ${before}
    if (${condition}) {
      throw new IllegalStateException("x"); // <<<
    }
    return "ok";
  }
}
`,
  'a.go': (condition, before) => `package main
import "math/rand"
const rate = 0.25
func home(w http.ResponseWriter, r *http.Request) {
	${before}
	if ${condition} {
		panic("x") // <<<
	}
}
`,
  'a.rb': (condition, before) => `class A
  RATE = 0.25
  def coin = rand < 0.3
  def home
    ${before}
    if ${condition}
      raise ArgumentError, "x" # <<<
    end
  end
end
`,
  'a.php': (condition, before) => `<?php
const RATE = 25;
function coin() { return mt_rand(1, 10) <= 3; }
function home() {
  ${before}
  if (${condition}) {
    throw new \\RuntimeException('x'); // <<<
  }
}
`,
  'A.cs': (condition, before) => `class A {
  const double Rate = 0.25;
  bool Coin() => Random.Shared.NextDouble() < 0.3;
  public async Task<int> Home() {
    ${before}
    if (${condition}) throw new InvalidOperationException("x"); // <<<
    return 1;
  }
}
`,
  'a.rs': (condition, before) => `const RATE: f64 = 0.25;
fn coin() -> bool { rand::random::<f64>() < 0.3 }
async fn home() -> String {
    ${before}
    if ${condition} {
        panic!("x"); // <<<
    }
    String::new()
}
`,
}

const chances: Record<string, readonly Row[]> = {
  'a.py': [
    ['random.choice([True, False])', 'random.choice([True, False])', 0.5],
    ['not random.choice([True, True, True, False])', 'random.choice([True, True, True, False])', 0.25],
    ['random.random() < 0.3', 'random.random()', 0.3],
    ['random.random() < RATE', 'random.random()', 0.25],
    ['0.3 > random.random()', 'random.random()', 0.3],
    ['random.randint(1, 10) == 1', 'random.randint(1, 10)', 0.1],
    ['random.randint(1, 10) in (1, 2, 3)', 'random.randint(1, 10)', 0.3],
    ['random.randint(1, 10) not in [1, 2]', 'random.randint(1, 10)', 0.8],
    ['random.randrange(4) == 0', 'random.randrange(4)', 0.25],
    ['random.randint(0, 1)', 'random.randint(0, 1)', 0.5],
    ['random.getrandbits(1)', 'random.getrandbits(1)', 0.5],
    ['random.uniform(0, 10) >= 8', 'random.uniform(0, 10)', 0.2],
    ['pick(["ok", "ok", "fail"]) == "fail"', 'pick(["ok", "ok", "fail"])', 1 / 3],
    [
      'random.choices([True, False], weights=[30, 70])[0]',
      'random.choices([True, False], weights=[30, 70])',
      0.3,
    ],
    ['random.random() < 0.5 and random.random() < 0.5', 'random.random()', 0.25],
    ['random.random() < 0.5 or random.random() < 0.5', 'random.random()', 0.75],
    ['random.random() < 0.5 and user', 'random.random()', null],
    ['int(random.random() * 10) == 3', 'random.random()', 0.1],
    ['np.random.rand() > 0.9', 'np.random.rand()', 0.1],
    ['secrets.randbelow(5) == 0', 'secrets.randbelow(5)', 0.2],
    ['uuid.uuid4().int % 4 == 0', 'uuid.uuid4().int', 0.25],
    ['os.urandom(1)[0] < 64', 'os.urandom(1)', 0.25],
    ['time.time() % 2 < 1', 'time.time()', 0.5],
    ['int(time.time()) % 4 == 0', 'time.time()', 0.25],
    ['datetime.now().second % 2 == 0', 'datetime.now().second', 0.5],
    ['datetime.datetime.now().second < 15', 'datetime.datetime.now().second', 0.25],
    ['coin()', 'random.random()', 0.3],
    ['unlucky(random.random())', 'random.random()', null],
    ['time.time() > deadline', null, null],
    ['user is None', null, null],
    ['datetime.now().hour < 9', null, null],
  ],
  'a.js': [
    ['Math.random() > 0.8', 'Math.random()', 0.2],
    ['Math.random() < RATE', 'Math.random()', 0.25],
    ['!(Math.random() > 0.3)', 'Math.random()', 0.3],
    ['Math.floor(Math.random() * 4) === 0', 'Math.random()', 0.25],
    ['Math.random() * 100 < 5', 'Math.random()', 0.05],
    ['pick(10) === 1', 'pick(10)', 0.1],
    ['crypto.randomInt(1, 5) === 1', 'crypto.randomInt(1, 5)', 0.25],
    ['crypto.randomBytes(1)[0] < 128', 'crypto.randomBytes(1)', 0.5],
    ['[true, false][Math.floor(Math.random() * 2)]', 'Math.random()', 0.5],
    ['Date.now() % 10 === 0', 'Date.now()', 0.1],
    ['new Date().getSeconds() % 2', 'new Date().getSeconds()', 0.5],
    ['coin()', 'Math.random()', 0.3],
    ['Date.now() - start > 5000', null, null],
    ['req.user === undefined', null, null],
  ],
  'a.ts': [
    ['Math.random() < 0.5', 'Math.random()', 0.5],
    ['(Math.random() as number) < 0.1', 'Math.random()', 0.1],
    ['(req as unknown as Admin).admin', null, null],
  ],
  'A.java': [
    ['new Random().nextInt(10) < 3', 'new Random().nextInt(10)', 0.3],
    ['random.nextBoolean()', 'random.nextBoolean()', 0.5],
    ['!random.nextBoolean()', 'random.nextBoolean()', 0.5],
    ['Math.random() < RATE', 'Math.random()', 0.25],
    ['ThreadLocalRandom.current().nextInt(1, 5) == 1', 'ThreadLocalRandom.current().nextInt(1, 5)', 0.25],
    ['ThreadLocalRandom.current().nextDouble() >= 0.9d', 'ThreadLocalRandom.current().nextDouble()', 0.1],
    ['(int) (Math.random() * 5) == 0', 'Math.random()', 0.2],
    ['System.currentTimeMillis() % 10 == 0', 'System.currentTimeMillis()', 0.1],
    ['LocalTime.now().getSecond() < 30', 'LocalTime.now().getSecond()', 0.5],
    ['coin()', 'random.nextInt(10)', 0.3],
    ['scanner.nextInt() == 3', null, null],
    ['System.currentTimeMillis() > expires', null, null],
  ],
  'a.go': [
    ['rand.Intn(4) == 0', 'rand.Intn(4)', 0.25],
    ['rand.Float64() < 0.3', 'rand.Float64()', 0.3],
    ['rand.Float64() < rate', 'rand.Float64()', 0.25],
    ['rand.IntN(100) < 10', 'rand.IntN(100)', 0.1],
    ['rand.Int()%2 == 0', 'rand.Int()', 0.5],
    ['time.Now().UnixNano()%2 == 0', 'time.Now().UnixNano()', 0.5],
    ['time.Now().Second()%3 == 0', 'time.Now().Second()', 1 / 3],
    ['n := rand.Intn(5); n == 0', 'rand.Intn(5)', 0.2],
    ['time.Now().After(deadline)', null, null],
    ['err != nil', null, null],
  ],
  'a.rb': [
    ['rand < 0.5', 'rand', 0.5],
    ['rand < RATE', 'rand', 0.25],
    ['rand(10).zero?', 'rand(10)', 0.1],
    ['rand(1..6) == 6', 'rand(1..6)', 1 / 6],
    ['rand(4) == 0', 'rand(4)', 0.25],
    ['[true, false].sample', '[true, false].sample', 0.5],
    ['Random.rand > 0.9', 'Random.rand', 0.1],
    ['SecureRandom.random_number(5) == 1', 'SecureRandom.random_number(5)', 0.2],
    ['Time.now.to_i % 2 == 0', 'Time.now.to_i', 0.5],
    ['Time.now.to_i.even?', 'Time.now.to_i', 0.5],
    ['coin', null, null],
    ['user.nil?', null, null],
  ],
  'a.php': [
    ['rand(1, 3) === 2', 'rand(1, 3)', 1 / 3],
    ['mt_rand(1, 100) <= RATE', 'mt_rand(1, 100)', 0.25],
    ['random_int(0, 1)', 'random_int(0, 1)', 0.5],
    ['mt_rand() / mt_getrandmax() < 0.5', 'mt_rand()', null],
    ['lcg_value() < 0.1', 'lcg_value()', 0.1],
    ['time() % 4 == 0', 'time()', 0.25],
    ['coin()', 'mt_rand(1, 10)', 0.3],
    ['$user === null', null, null],
  ],
  'A.cs': [
    ['Random.Shared.Next(4) == 0', 'Random.Shared.Next(4)', 0.25],
    ['new Random().Next(1, 11) <= 3', 'new Random().Next(1, 11)', 0.3],
    ['new Random().NextDouble() < Rate', 'new Random().NextDouble()', 0.25],
    ['DateTime.Now.Second % 2 == 0', 'DateTime.Now.Second', 0.5],
    ['DateTime.UtcNow.Ticks % 10 == 0', 'DateTime.UtcNow.Ticks', 0.1],
    ['Environment.TickCount % 2 == 1', 'Environment.TickCount', 0.5],
    ['Coin()', 'Random.Shared.NextDouble()', 0.3],
    ['user is null', null, null],
  ],
  'a.rs': [
    ['rand::random::<bool>()', 'rand::random::<bool>()', 0.5],
    ['rand::random::<f64>() < RATE', 'rand::random::<f64>()', 0.25],
    ['rng.gen_bool(0.2)', 'rng.gen_bool(0.2)', 0.2],
    ['rand::thread_rng().gen_range(0..10) < 3', 'rand::thread_rng().gen_range(0..10)', 0.3],
    ['rng.random_range(1..=4) == 1', 'rng.random_range(1..=4)', 0.25],
    ['rng.gen_ratio(1, 4)', 'rng.gen_ratio(1, 4)', 0.25],
    ['rng.gen::<f32>() < 0.1', 'rng.gen::<f32>()', 0.1],
    ['coin()', 'rand::random::<f64>()', 0.3],
    ['items.is_empty()', null, null],
  ],
}

const rows = Object.entries(chances).flatMap(([file, list]) => list.map((row) => [file, ...row] as const))

test.each(rows)('%s: a guard of %s rests on %s, share %s', async (...[file, condition, chance, share]) => {
  const { guard, raises } = (await explain(file, raisers[file]?.(condition, '') ?? '')) ?? {}
  expect(raises).toBe(true)
  expect(guard?.chance ?? null).toBe(chance)
  expect(guard?.kind).toBe(chance === null ? 'condition' : 'nondeterministic')
  expect(rounded(guard?.predictedShare)).toBe(rounded(share))
})

test.each([
  ['a.py', 'roll = random.random()', 'roll < 0.4', 0.4],
  ['a.py', 'roll: float = random.random() * 10', 'roll >= 8', 0.2],
  ['a.py', 'broken = random.randint(1, 4) == 1', 'broken', 0.25],
  ['a.js', 'const roll = Math.random()', 'roll < 0.4', 0.4],
  ['a.js', 'let unlucky = Math.random() < 0.4; const other = 1', '!unlucky', 0.6],
  ['a.ts', 'const roll: number = Math.random()', 'roll < 0.4', 0.4],
  ['A.java', 'int roll = random.nextInt(5);', 'roll == 0', 0.2],
  ['a.go', 'roll := rand.Float64()', 'roll < 0.4', 0.4],
  ['a.go', 'var a, roll = 1, rand.Intn(5)', 'roll == 0', 0.2],
  ['a.rb', 'roll = rand(5)', 'roll == 0', 0.2],
  ['a.php', '$roll = rand(1, 5);', '$roll > 4', 0.2],
  ['A.cs', 'var roll = Random.Shared.Next(5);', 'roll == 0', 0.2],
  ['a.rs', 'let roll: u32 = rng.gen_range(0..5);', 'roll == 0', 0.2],
])('%s: the chance of `%s` reaches `if %s`', async (...[file, before, condition, share]) => {
  const guard = (await explain(file, raisers[file]?.(condition, before) ?? ''))?.guard
  expect(guard?.kind).toBe('nondeterministic')
  expect(guard?.predictedShare).toBeCloseTo(share, 9)
})

const shapesOfGuards: readonly (readonly [string, string, string, string | null, number | null])[] = [
  [
    'an else branch negates',
    'a.py',
    'def f():\n    if random.random() < 0.3:\n        ok()\n    else:\n        raise X  # <<<\n',
    'random.random() >= 0.3',
    0.7,
  ],
  [
    'an elif has its own condition',
    'a.py',
    'def f():\n    if a:\n        ok()\n    elif random.randint(1, 4) == 1:\n        raise X  # <<<\n',
    'random.randint(1, 4) == 1',
    null,
  ],
  [
    'an early return negates',
    'a.py',
    'def f():\n    if random.random() < 0.9:\n        return 1\n    raise X  # <<<\n',
    'random.random() >= 0.9',
    0.1,
  ],
  [
    'an ordinary check before leaves the share',
    'a.py',
    'def f(u):\n    if not u:\n        return 1\n    if random.random() < 0.9:\n        raise X  # <<<\n',
    'random.random() < 0.9',
    0.9,
  ],
  [
    'a condition around it opens the share',
    'a.py',
    'def f(u):\n    if u:\n        if random.random() < 0.9:\n            raise X  # <<<\n',
    'random.random() < 0.9',
    null,
  ],
  [
    'two chances multiply',
    'a.py',
    'def f(u):\n    if random.random() < 0.5:\n        if random.random() < 0.5:\n            raise X  # <<<\n',
    'random.random() < 0.5',
    0.25,
  ],
  [
    'a loop opens the share',
    'a.py',
    'def f():\n    for i in range(3):\n        if random.random() < 0.5:\n            raise X  # <<<\n',
    'random.random() < 0.5',
    null,
  ],
  [
    'an assertion is negated',
    'a.py',
    'def f():\n    assert random.random() < 0.9  # <<<\n',
    'random.random() >= 0.9',
    0.1,
  ],
  [
    'a conditional expression',
    'a.py',
    'def f():\n    return boom() if random.random() < 0.2 else 1  # <<<\n',
    'random.random() < 0.2',
    0.2,
  ],
  [
    'a match case',
    'a.py',
    'def f():\n    match random.randint(1, 4):\n        case 1 | 2:\n            raise X  # <<<\n        case _:\n            pass\n',
    'random.randint(1, 4) is 1, 2',
    0.5,
  ],
  [
    'a nested function of its own',
    'a.py',
    'def f():\n    if random.random() < 0.2:\n        def g():\n            raise X  # <<<\n',
    null,
    null,
  ],
  [
    'the walrus',
    'a.py',
    'def f():\n    if (n := random.random()) < 0.2:\n        raise X  # <<<\n',
    '(n := random.random()) < 0.2',
    0.2,
  ],
  [
    'a ternary',
    'a.js',
    'const f = () => {\n  const x = Math.random() < 0.2 ? boom() : 1 // <<<\n}\n',
    'Math.random() < 0.2',
    0.2,
  ],
  [
    'a short circuit',
    'a.js',
    'function f() {\n  Math.random() < 0.2 && boom() // <<<\n}\n',
    'Math.random() < 0.2',
    0.2,
  ],
  [
    'else if',
    'a.js',
    'function f() {\n  if (a) b()\n  else if (Math.random() < 0.2) throw e // <<<\n}\n',
    'Math.random() < 0.2',
    null,
  ],
  [
    'a switch case',
    'a.js',
    'function f() {\n  switch (Math.floor(Math.random() * 4)) {\n    case 0:\n      throw e // <<<\n    default:\n  }\n}\n',
    'Math.floor(Math.random() * 4) is 0',
    0.25,
  ],
  [
    'a switch default',
    'a.js',
    'function f() {\n  switch (Math.floor(Math.random() * 4)) {\n    case 0:\n    case 1:\n      break\n    default:\n      throw e // <<<\n  }\n}\n',
    '!(Math.floor(Math.random() * 4) is 0, 1)',
    0.5,
  ],
  [
    'a callback in a callback',
    'a.js',
    'app.get("/", (req, res) => {\n  if (Math.random() < 0.5) {\n    setImmediate(() => {\n      throw e // <<<\n    })\n  }\n})\n',
    'Math.random() < 0.5',
    0.5,
  ],
  [
    'a route is not guarded by what registers it',
    'a.js',
    'if (Math.random() < 0.5) {\n  app.get("/", (req, res) => {\n    throw e // <<<\n  })\n}\n',
    null,
    null,
  ],
  [
    'forEach is a loop',
    'a.js',
    'function f(a) {\n  a.forEach((x) => {\n    if (Math.random() < 0.5) throw e // <<<\n  })\n}\n',
    'Math.random() < 0.5',
    null,
  ],
  [
    'a rejected promise',
    'a.js',
    'const f = () => {\n  if (Math.random() < 0.5) return Promise.reject(new Error("x")) // <<<\n}\n',
    'Math.random() < 0.5',
    0.5,
  ],
  [
    'an arrow switch',
    'A.java',
    'class A { int f() {\n  return switch (random.nextInt(4)) {\n    case 0, 1 -> throw new X(); // <<<\n    default -> 2;\n  };\n} }\n',
    'random.nextInt(4) is 0, 1',
    0.5,
  ],
  [
    'a switch of Go',
    'a.go',
    'package a\nfunc f() {\n\tswitch rand.Intn(4) {\n\tcase 0:\n\t\tpanic("x") // <<<\n\tdefault:\n\t}\n}\n',
    'rand.Intn(4) is 0',
    0.25,
  ],
  [
    'a switch without subject',
    'a.go',
    'package a\nfunc f() {\n\tswitch {\n\tcase rand.Intn(4) == 0:\n\t\tpanic("x") // <<<\n\t}\n}\n',
    'rand.Intn(4) == 0',
    0.25,
  ],
  [
    'a returned error of Go',
    'a.go',
    'package a\nfunc f() error {\n\tif rand.Intn(4) == 0 {\n\t\treturn errors.New("x") // <<<\n\t}\n\treturn nil\n}\n',
    'rand.Intn(4) == 0',
    0.25,
  ],
  ['a modifier of Ruby', 'a.rb', 'def f\n  raise "x" if rand < 0.25 # <<<\nend\n', 'rand < 0.25', 0.25],
  ['unless', 'a.rb', 'def f\n  raise "x" unless rand < 0.75 # <<<\nend\n', 'rand >= 0.75', 0.25],
  [
    'unless as a block',
    'a.rb',
    'def f\n  unless [true, false].sample\n    raise "x" # <<<\n  end\nend\n',
    '!([true, false].sample)',
    0.5,
  ],
  [
    'case of Ruby',
    'a.rb',
    'def f\n  case rand(4)\n  when 0, 1\n    raise "x" # <<<\n  else\n    1\n  end\nend\n',
    'rand(4) is 0, 1',
    0.5,
  ],
  ['a Sinatra route', 'a.rb', "get '/' do\n  raise 'x' if rand(2).zero? # <<<\nend\n", 'rand(2).zero?', 0.5],
  [
    'match of PHP',
    'a.php',
    '<?php\nfunction f() {\n  return match (rand(1, 4)) {\n    1 => throw new X(), // <<<\n    default => 2,\n  };\n}\n',
    'rand(1, 4) is 1',
    0.25,
  ],
  [
    'elseif of PHP',
    'a.php',
    '<?php\nfunction f() {\n  if ($a) {\n  } elseif (rand(0, 1)) {\n    throw new X(); // <<<\n  }\n}\n',
    'rand(0, 1)',
    null,
  ],
  [
    'a switch expression of C#',
    'A.cs',
    'class A { int F() => Random.Shared.Next(4) switch {\n  0 => throw new X(), // <<<\n  _ => 1,\n}; }\n',
    'Random.Shared.Next(4) is 0',
    0.25,
  ],
  [
    'a minimal endpoint',
    'A.cs',
    'app.MapGet("/", () => {\n  if (Random.Shared.Next(4) == 0) throw new X(); // <<<\n  return "ok";\n});\n',
    'Random.Shared.Next(4) == 0',
    0.25,
  ],
  [
    'match of Rust',
    'a.rs',
    'fn f() {\n    match rng.gen_range(0..4) {\n        0 | 1 => panic!("x"), // <<<\n        _ => {}\n    }\n}\n',
    'rng.gen_range(0..4) is 0, 1',
    0.5,
  ],
  [
    'an Err of Rust',
    'a.rs',
    'fn f() -> Result<u8, E> {\n    if rng.gen_bool(0.5) {\n        return Err(E::X); // <<<\n    }\n    Ok(1)\n}\n',
    'rng.gen_bool(0.5)',
    0.5,
  ],
]

test.each(shapesOfGuards)('%s (%s)', async (...[_name, file, source, text, share]) => {
  const guard = (await explain(file, source))?.guard ?? null
  expect(guard?.text ?? null).toBe(text)
  expect(rounded(guard?.predictedShare)).toBe(rounded(share))
})

test.each([
  ['a plain function', 'a.py', 'def home():\n    x()  # <<<\n', 'home', [1, 2]],
  [
    'a decorated method',
    'a.py',
    'class A:\n    @app.route("/")\n    @cached\n    async def home(self):\n        x()  # <<<\n',
    'A.home',
    [2, 5],
  ],
  [
    'a function in a function',
    'a.py',
    'def outer():\n    def inner():\n        x()  # <<<\n    return inner\n',
    'inner',
    [2, 3],
  ],
  [
    'a lambda belongs to its function',
    'a.py',
    'def outer():\n    return sorted(a, key=lambda v: v.x)  # <<<\n',
    'outer',
    [1, 2],
  ],
  ['module level', 'a.py', 'x()  # <<<\n', null, null],
  [
    'an arrow function',
    'a.ts',
    'export const total = async <T,>(cart: Cart<T>): Promise<number> => {\n  x() // <<<\n}\n',
    'total',
    [1, 3],
  ],
  [
    'a method',
    'a.ts',
    'export class Cart<T> extends Base {\n  @Get()\n  async total(): Promise<number> {\n    return x() // <<<\n  }\n}\n',
    'Cart.total',
    [2, 5],
  ],
  [
    'a class field',
    'a.js',
    'class Cart {\n  total = () => {\n    x() // <<<\n  }\n}\n',
    'Cart.total',
    [2, 4],
  ],
  [
    'an object method',
    'a.js',
    'module.exports = {\n  async total() {\n    x() // <<<\n  },\n}\n',
    'total',
    [2, 4],
  ],
  ['a pair', 'a.js', 'const a = {\n  total: function () {\n    x() // <<<\n  },\n}\n', 'total', [2, 4]],
  ['an export', 'a.js', 'exports.total = function () {\n  x() // <<<\n}\n', 'total', [1, 3]],
  [
    'an anonymous handler',
    'a.js',
    'function routes(app) {\n  app.get("/", (req, res) => {\n    x() // <<<\n  })\n}\n',
    null,
    [2, 4],
  ],
  ['JSX', 'a.jsx', 'export function Page() {\n  const a = <p>{x.y}</p> // <<<\n}\n', 'Page', [1, 3]],
  ['TSX', 'a.tsx', 'export function Page({ a }: P) {\n  return <p>{a!.y}</p> // <<<\n}\n', 'Page', [1, 3]],
  [
    'a Java method',
    'A.java',
    'class A {\n  @Override\n  public <T> List<T> find() {\n    x(); // <<<\n  }\n}\n',
    'A.find',
    [2, 5],
  ],
  ['a Java constructor', 'A.java', 'class A {\n  A() {\n    x(); // <<<\n  }\n}\n', 'A.<init>', [2, 4]],
  [
    'a Go method',
    'a.go',
    'package a\nfunc (s *Store[T]) List() {\n\tx() // <<<\n}\n',
    '(*Store).List',
    [2, 4],
  ],
  ['a Go function', 'a.go', 'package a\nfunc list[T any](a T) {\n\tx() // <<<\n}\n', 'list', [2, 4]],
  [
    'a Ruby method',
    'a.rb',
    'module M\n  class A\n    def total!(x)\n      x.y # <<<\n    end\n  end\nend\n',
    'A#total!',
    [3, 5],
  ],
  ['a Ruby class method', 'a.rb', 'class A\n  def self.total\n    y # <<<\n  end\nend\n', 'A.total', [2, 4]],
  [
    'a PHP method',
    'a.php',
    '<?php\nclass A {\n  public static function total(): int {\n    x(); // <<<\n  }\n}\n',
    'A::total',
    [3, 5],
  ],
  [
    'a C# method',
    'A.cs',
    'namespace N;\npublic class A<T> : B {\n  [HttpGet]\n  public async Task<T> Total() {\n    x(); // <<<\n  }\n}\n',
    'A.Total',
    [3, 6],
  ],
  [
    'a C# local function',
    'A.cs',
    'class A {\n  void F() {\n    void G() {\n      x(); // <<<\n    }\n  }\n}\n',
    'G',
    [3, 5],
  ],
  [
    'a Rust method',
    'a.rs',
    'impl<T> Store<T> {\n    pub async fn list(&self) {\n        x(); // <<<\n    }\n}\n',
    'Store::list',
    [2, 4],
  ],
] as const)('names %s', async (...[_name, file, source, name, range]) => {
  const explanation = await explain(file, source)
  expect(explanation?.function).toBe(name)
  expect(explanation?.functionRange).toEqual(range)
})

test.each([
  ['nothing catches it', 'a.py', 'def f():\n    x()  # <<<\n', 'KeyError', 'unhandled', null],
  [
    'a bare except that passes',
    'a.py',
    'def f():\n    try:\n        x()  # <<<\n    except:\n        pass\n',
    'KeyError',
    'swallowed',
    4,
  ],
  [
    'only logged',
    'a.py',
    'def f():\n    try:\n        x()  # <<<\n    except Exception as e:\n        logger.exception("no")\n    return 1\n',
    'KeyError',
    'swallowed',
    4,
  ],
  [
    'answered',
    'a.py',
    'def f():\n    try:\n        x()  # <<<\n    except Exception as e:\n        log.error(e)\n        return jsonify(error=1), 500\n',
    'KeyError',
    'handled',
    4,
  ],
  [
    'another type',
    'a.py',
    'def f():\n    try:\n        x()  # <<<\n    except ValueError:\n        return 0\n',
    'KeyError',
    'unhandled',
    null,
  ],
  [
    'one of several types',
    'a.py',
    'def f():\n    try:\n        x()  # <<<\n    except (ValueError, KeyError):\n        return 0\n',
    'KeyError',
    'handled',
    4,
  ],
  [
    'a base type',
    'a.py',
    'def f():\n    try:\n        x()  # <<<\n    except LookupError:\n        return 0\n',
    'KeyError',
    'handled',
    4,
  ],
  [
    'raised again',
    'a.py',
    'def f():\n    try:\n        x()  # <<<\n    except Exception:\n        log.error("x")\n        raise\n',
    'KeyError',
    'unhandled',
    null,
  ],
  [
    'in the handler itself',
    'a.py',
    'def f():\n    try:\n        x()\n    except Exception:\n        y()  # <<<\n',
    'KeyError',
    'unhandled',
    null,
  ],
  [
    'by every caller',
    'a.py',
    'def f():\n    x()  # <<<\n\ndef g():\n    try:\n        f()\n    except KeyError:\n        return 0\n',
    'KeyError',
    'handled',
    7,
  ],
  [
    'by one of two callers',
    'a.py',
    'def f():\n    x()  # <<<\n\ndef g():\n    try:\n        f()\n    except KeyError:\n        return 0\n\ndef h():\n    f()\n',
    'KeyError',
    'unhandled',
    null,
  ],
  [
    'an empty catch',
    'a.js',
    'function f() {\n  try {\n    x() // <<<\n  } catch {}\n}\n',
    null,
    'swallowed',
    4,
  ],
  [
    'a catch that answers',
    'a.js',
    'function f(req, res) {\n  try {\n    x() // <<<\n  } catch (e) {\n    res.status(500).end()\n  }\n}\n',
    null,
    'handled',
    4,
  ],
  [
    'a promise whose error is dropped',
    'a.js',
    'function f() {\n  x().catch(() => {}) // <<<\n}\n',
    null,
    'swallowed',
    2,
  ],
  [
    'a catch of Java that logs',
    'A.java',
    'class A { void f() {\n  try {\n    x(); // <<<\n  } catch (IOException | SQLException e) {\n    log.warn("x", e);\n  }\n} }\n',
    'java.sql.SQLException',
    'swallowed',
    4,
  ],
  [
    'a catch of Java for another type',
    'A.java',
    'class A { void f() {\n  try {\n    x(); // <<<\n  } catch (IOException e) {\n  }\n} }\n',
    'java.sql.SQLException',
    'unhandled',
    null,
  ],
  [
    'wrapped and thrown on',
    'A.java',
    'class A { void f() {\n  try {\n    x(); // <<<\n  } catch (Exception e) {\n    throw new RuntimeException(e);\n  }\n} }\n',
    'java.sql.SQLException',
    'unhandled',
    null,
  ],
  [
    'an error given to _',
    'a.go',
    'package a\nfunc f() {\n\tv, _ := x() // <<<\n\tuse(v)\n}\n',
    null,
    'swallowed',
    3,
  ],
  [
    'an error that is only logged',
    'a.go',
    'package a\nfunc f() {\n\tv, err := x() // <<<\n\tif err != nil {\n\t\tlog.Println(err)\n\t}\n\tuse(v)\n}\n',
    null,
    'swallowed',
    4,
  ],
  [
    'an error that is answered',
    'a.go',
    'package a\nfunc f(w http.ResponseWriter) {\n\tv, err := x() // <<<\n\tif err != nil {\n\t\thttp.Error(w, "x", 500)\n\t\treturn\n\t}\n\tuse(v)\n}\n',
    null,
    'handled',
    4,
  ],
  [
    'an error that is returned',
    'a.go',
    'package a\nfunc f() error {\n\t_, err := x() // <<<\n\tif err != nil {\n\t\treturn err\n\t}\n\treturn nil\n}\n',
    null,
    'unhandled',
    null,
  ],
  [
    'a recovered panic',
    'a.go',
    'package a\nfunc f() {\n\tdefer func() {\n\t\tif r := recover(); r != nil {\n\t\t}\n\t}()\n\tpanic("x") // <<<\n}\n',
    null,
    'handled',
    3,
  ],
  [
    'rescue of a method',
    'a.rb',
    'def f\n  x # <<<\nrescue StandardError => e\n  logger.error(e)\nend\n',
    'KeyError',
    'swallowed',
    3,
  ],
  [
    'rescue of another type',
    'a.rb',
    'def f\n  begin\n    x # <<<\n  rescue IOError\n    nil\n  end\nend\n',
    'KeyError',
    'unhandled',
    null,
  ],
  [
    'catch of PHP',
    'a.php',
    '<?php\nfunction f() {\n  try {\n    x(); // <<<\n  } catch (\\Throwable $e) {\n  }\n}\n',
    'TypeError',
    'swallowed',
    5,
  ],
  [
    'catch of C#',
    'A.cs',
    'class A { void F() {\n  try {\n    x(); // <<<\n  } catch (SqlException e) {\n    _log.LogError(e, "x");\n  }\n} }\n',
    'Microsoft.Data.SqlClient.SqlException',
    'swallowed',
    4,
  ],
  ['a result given to _', 'a.rs', 'fn f() {\n    let _ = x(); // <<<\n}\n', null, 'swallowed', 2],
  [
    'a result that is logged',
    'a.rs',
    'fn f() {\n    if let Err(e) = x() { // <<<\n        tracing::error!("{}", e);\n    }\n}\n',
    null,
    'swallowed',
    2,
  ],
] as const)('%s (%s)', async (...[_name, file, source, type, handling, line]) => {
  const explanation = await explain(file, source, type)
  expect([explanation?.handling, explanation?.handlerLine]).toEqual([handling, line])
})

test.each([
  ['a.py', 'def f():\n    return jsonify(error="x"), 500  # <<<\n', true],
  ['a.py', 'def f():\n    raise HTTPException(\n        status_code=500)  # <<<\n', true],
  ['a.py', 'def f():\n    with open(p) as h:  # <<<\n        raise X\n', false],
  ['a.py', 'def f():\n    x = 5  # <<<\n', false],
  ['a.js', 'const f = (e) => next(new Error("x")) // <<<\n', true],
  ['a.js', 'app.get("/", (req, res) => res.status(503).end()) // <<<\n', true],
  ['a.go', 'package a\nfunc f() {\n\tlog.Fatalf("x") // <<<\n}\n', true],
  ['a.go', 'package a\nfunc f() error {\n\treturn err // <<<\n}\n', false],
  ['a.rs', 'fn f() {\n    x.unwrap(); // <<<\n}\n', false],
  ['a.rb', 'get "/" do\n  halt 500, "x" # <<<\nend\n', true],
  ['A.cs', 'class A { IActionResult F() {\n  return StatusCode(500); // <<<\n} }\n', true],
] as const)('%s raises in %j: %s', async (file, source, raises) => {
  expect((await explain(file, source))?.raises).toBe(raises)
})

describe('what it refuses', () => {
  const readFile = (text: string | null) => ({ readFile: () => Promise.resolve(text) })

  test('a file that is not there, and a line beyond its end', async () => {
    expect(await explainSource(readFile(null), { file: 'a.py', line: 1, exceptionType: null })).toBeNull()
    expect(await explainSource(readFile('x\n'), { file: 'a.py', line: 9, exceptionType: null })).toBeNull()
    expect(await explainSource(readFile('x\n'), { file: 'a.py', line: 0, exceptionType: null })).toBeNull()
  })

  test('to parse what it has no grammar for, or what is too large: the lines alone', async () => {
    const erlang = await explainSource(readFile('f() ->\n  throw(x).\n'), {
      file: 'a.erl',
      line: 2,
      exceptionType: null,
    })
    expect(erlang).toMatchObject({ language: 'unknown', function: null, guard: null, handling: null })
    const large = await explainSource(readFile('x = 1\n'.repeat(200_000)), {
      file: 'a.py',
      line: 3,
      exceptionType: null,
    })
    expect(large).toMatchObject({ language: 'Python', function: null })
    expect(large?.snippet).toHaveLength(9)
  })

  test('broken source, an empty line, a comment: no exception, no guess', async () => {
    for (const source of [
      'def f(:\n  if random( <<<\n',
      '# <<<\n',
      'def f():\n    # <<<\n\n    pass\n',
      '<<< }}}}',
    ]) {
      expect(await explain('a.py', source)).toMatchObject({ line: expect.any(Number) as number })
    }
  })
})

test.each(['\n\n  \n', ' \n', '\r\n\r\n', ''])(
  'counts lines from the first one, though it is empty: %j',
  async (head) => {
    const source = `${head}def f():\n    if random.random() < 0.5:\n        raise X  # <<<\n`
    expect(await explain('a.py', source)).toMatchObject({
      function: 'f',
      raises: true,
      guard: { predictedShare: 0.5 },
    })
  },
)

test('shows the lines around, numbered from 1, long ones cut', () => {
  expect(sourceAround('a\r\nb\nc\nd\n', 2, 1)).toEqual([
    { line: 1, text: 'a' },
    { line: 2, text: 'b' },
    { line: 3, text: 'c' },
  ])
  expect(sourceAround('a\nb\n', 2, 5)).toHaveLength(2)
  expect(sourceAround('x'.repeat(1000), 1, 0)[0]?.text).toHaveLength(300)
})
