import { expect, test } from 'vitest'
import { languageOf } from './languages/all.ts'
import { removeGuard } from './remove-guard.ts'

async function without(file: string, source: string): Promise<string | null> {
  const language = languageOf(file)
  const line = source.split('\n').findIndex((each) => each.includes('<<<')) + 1
  return language === null ? null : removeGuard(source, language, line)
}

type Row = readonly [name: string, file: string, before: string, after: string]

const rows: readonly Row[] = [
  [
    'the statement, the log line in it and the comment above it',
    'app.py',
    `def home():
    logging.info("Request received")

    # Random failure (production incident simulation)
    if random.choice([True, False]):
        logging.error("Random failure occurred!")
        raise Exception("App crashed due to random error")  # <<<

    return "Application is running fine!"
`,
    `def home():
    logging.info("Request received")

    return "Application is running fine!"
`,
  ],
  [
    'the statement; its else stays, a level further out',
    'a.py',
    'def f():\n    if random.random() < 0.3:\n        raise X  # <<<\n    else:\n        # fine\n        text = """a\n        b"""\n        if ok:\n            return text\n    return 2\n',
    'def f():\n    # fine\n    text = """a\n        b"""\n    if ok:\n        return text\n    return 2\n',
  ],
  [
    'the first branch; elif becomes if',
    'a.py',
    'def f():\n    if random.random() < 0.3:\n        raise X  # <<<\n    elif y:\n        return 2\n    else:\n        return 3\n',
    'def f():\n    if y:\n        return 2\n    else:\n        return 3\n',
  ],
  [
    'an elif in the middle',
    'a.py',
    'def f():\n    if a:\n        b()\n    elif random.random() < 0.3:\n        raise X  # <<<\n    else:\n        c()\n',
    'def f():\n    if a:\n        b()\n    else:\n        c()\n',
  ],
  [
    'the else branch; what the condition kept stays',
    'a.py',
    'def f():\n    if random.random() < 0.7:\n        return 1\n    else:\n        raise X  # <<<\n',
    'def f():\n    return 1\n',
  ],
  [
    'an early return keeps its return and ends there',
    'a.py',
    'def f():\n    if random.random() < 0.7:\n        a()\n        return 1\n    # unlucky\n    log()\n    raise X  # <<<\n\n\ndef g():\n    pass\n',
    'def f():\n    a()\n    return 1\n\n\ndef g():\n    pass\n',
  ],
  [
    'a function of nothing else',
    'a.py',
    'def f():\n    if random.random() < 0.7:\n        raise X  # <<<\n',
    'def f():\n    pass\n',
  ],
  [
    'only the operand that brings chance in',
    'a.py',
    'def f(u):\n    if u is None or random.random() < 0.1:\n        raise X  # <<<\n',
    'def f(u):\n    if u is None:\n        raise X  # <<<\n',
  ],
  [
    'the draw that nobody reads any more',
    'a.py',
    'def f():\n    roll = random.random()\n    if roll < 0.3:\n        raise X  # <<<\n    return 1\n',
    'def f():\n    return 1\n',
  ],
  [
    'but not a draw that is read elsewhere',
    'a.py',
    'def f():\n    roll = random.random()\n    if roll < 0.3:\n        raise X  # <<<\n    return roll\n',
    'def f():\n    roll = random.random()\n    return roll\n',
  ],
  [
    'an assertion',
    'a.py',
    'def f():\n    assert random.random() < 0.9  # <<<\n    return 1\n',
    'def f():\n    return 1\n',
  ],
  [
    'a conditional expression',
    'a.py',
    'def f():\n    return boom() if random.random() < 0.2 else 1  # <<<\n',
    'def f():\n    return 1  # <<<\n',
  ],
  [
    'a case',
    'a.py',
    'def f():\n    match random.randint(1, 3):\n        case 1:\n            raise X  # <<<\n        case _:\n            return 1\n',
    'def f():\n    match random.randint(1, 3):\n        case _:\n            return 1\n',
  ],
  [
    'CRLF, tabs and no last newline stay as they are',
    'a.py',
    'def f():\r\n\tif random.random() < .5:\r\n\t\traise X  # <<<\r\n\telse:\r\n\t\ta()\r\n\t\tb()\r\n\treturn "é"',
    'def f():\r\n\ta()\r\n\tb()\r\n\treturn "é"',
  ],
  [
    'a block of JavaScript, its else kept',
    'a.js',
    "app.get('/', (req, res) => {\n  if (Math.random() < 0.5) {\n    throw new Error('x') // <<<\n  } else {\n    if (a) {\n      b()\n    }\n    res.send('ok')\n  }\n})\n",
    "app.get('/', (req, res) => {\n  if (a) {\n    b()\n  }\n  res.send('ok')\n})\n",
  ],
  [
    'an else-if of JavaScript',
    'a.js',
    'function f() {\n  if (x) {\n    a()\n  } else if (Math.random() < 0.5) {\n    throw e // <<<\n  } else {\n    b()\n  }\n}\n',
    'function f() {\n  if (x) {\n    a()\n  } else {\n    b()\n  }\n}\n',
  ],
  [
    'a last else-if of JavaScript',
    'a.js',
    'function f() {\n  if (x) {\n    a()\n  } else if (Math.random() < 0.5) {\n    throw e // <<<\n  }\n}\n',
    'function f() {\n  if (x) {\n    a()\n  }\n}\n',
  ],
  [
    'a statement that is all of a loop',
    'a.js',
    'function f() {\n  for (const a of b) if (Math.random() < 0.5) throw e // <<<\n}\n',
    'function f() {\n  for (const a of b) {} // <<<\n}\n',
  ],
  [
    'a short circuit',
    'a.js',
    'function f() {\n  Math.random() < 0.5 && boom() // <<<\n  g()\n}\n',
    'function f() {\n  g()\n}\n',
  ],
  [
    'a ternary',
    'a.ts',
    'const f = (): number => {\n  return Math.random() < 0.5 ? boom() : 1 // <<<\n}\n',
    'const f = (): number => {\n  return 1 // <<<\n}\n',
  ],
  [
    'a statement of Java without braces',
    'A.java',
    'class A {\n  String f() {\n    if (new Random().nextInt(10) < 3)\n      throw new X("x"); // <<<\n    else if (x) { return "b"; }\n    return "a";\n  }\n}\n',
    'class A {\n  String f() {\n    if (x) { return "b"; }\n    return "a";\n  }\n}\n',
  ],
  [
    'in Go also the draw and the imports, or it would not compile',
    'a.go',
    'package main\n\nimport (\n\t"errors"\n\t"math/rand"\n\t"net/http"\n)\n\nfunc home(w http.ResponseWriter, r *http.Request) {\n\tn := rand.Intn(4)\n\tif n == 0 {\n\t\tpanic(errors.New("x")) // <<<\n\t}\n\n\tw.Write([]byte("ok"))\n}\n',
    'package main\n\nimport (\n\t"net/http"\n)\n\nfunc home(w http.ResponseWriter, r *http.Request) {\n\tw.Write([]byte("ok"))\n}\n',
  ],
  [
    'in Go the draw that is made in the if',
    'a.go',
    'package main\n\nimport "math/rand"\n\nfunc f() int {\n\tif n := rand.Intn(4); n == 0 {\n\t\tpanic("x") // <<<\n\t}\n\treturn 1\n}\n',
    'package main\n\nfunc f() int {\n\treturn 1\n}\n',
  ],
  [
    'a case of Go',
    'a.go',
    'package main\n\nfunc f() int {\n\tswitch rand.Intn(4) {\n\tcase 0:\n\t\tpanic("x") // <<<\n\tdefault:\n\t\treturn 1\n\t}\n}\n',
    'package main\n\nfunc f() int {\n\tswitch rand.Intn(4) {\n\tdefault:\n\t\treturn 1\n\t}\n}\n',
  ],
  [
    'a modifier of Ruby',
    'a.rb',
    "get '/' do\n  raise 'boom' if rand < 0.5 # <<<\n  'ok'\nend\n",
    "get '/' do\n  'ok'\nend\n",
  ],
  [
    'elsif of Ruby becomes if',
    'a.rb',
    'def f\n  if rand(3).zero?\n    raise "x" # <<<\n  elsif x\n    1\n  else\n    2\n  end\nend\n',
    'def f\n  if x\n    1\n  else\n    2\n  end\nend\n',
  ],
  [
    'unless of Ruby',
    'a.rb',
    'def f\n  unless rand < 0.9\n    raise "x" # <<<\n  else\n    render\n  end\nend\n',
    'def f\n  render\nend\n',
  ],
  [
    'elseif of PHP becomes if',
    'a.php',
    '<?php\nfunction f() {\n    if (rand(1, 3) === 2) {\n        throw new \\Exception("x"); // <<<\n    } elseif ($q) {\n        return 1;\n    }\n    return 2;\n}\n',
    '<?php\nfunction f() {\n    if ($q) {\n        return 1;\n    }\n    return 2;\n}\n',
  ],
  [
    'one line of C#',
    'A.cs',
    'class A {\n    public int F() {\n        if (Random.Shared.Next(4) == 0) { throw new X(); } // <<<\n        return 1;\n    }\n}\n',
    'class A {\n    public int F() {\n        return 1;\n    }\n}\n',
  ],
  [
    'a statement of Rust',
    'a.rs',
    'fn f() -> u32 {\n    if rand::random::<bool>() {\n        panic!("x"); // <<<\n    }\n    4\n}\n',
    'fn f() -> u32 {\n    4\n}\n',
  ],
  [
    'a value of Rust',
    'a.rs',
    'fn f() -> u32 {\n    let x = if rng.gen_bool(0.2) { panic!("y") } else { 2 }; // <<<\n    x\n}\n',
    'fn f() -> u32 {\n    let x = { 2 }; // <<<\n    x\n}\n',
  ],
]

test.each(rows)('takes out %s (%s)', async (...[_name, file, before, after]) => {
  expect(await without(file, before)).toBe(after)
})

test.each([
  ['an ordinary condition', 'a.py', 'def f(u):\n    if u is None:\n        raise X  # <<<\n'],
  ['no condition at all', 'a.py', 'def f(u):\n    raise X  # <<<\n'],
  [
    'both sides of a ternary may fail',
    'a.js',
    'function f() {\n  return Math.random() < 0.5 ? a() : b() // <<<\n}\n',
  ],
])('leaves the text alone where there is %s', async (_name, file, source) => {
  expect(await without(file, source)).toBeNull()
})
