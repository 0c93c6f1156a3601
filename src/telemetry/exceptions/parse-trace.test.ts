import { describe, expect, test } from 'vitest'
import type { ExceptionChain } from '../exception.ts'
import { parseTrace } from './parse-trace.ts'

/** `Type: message`, then per frame `* file:line function`, the star for the application's own. */
function shape(chain: ExceptionChain | null): string[] {
  return (chain ?? []).flatMap((link) => [
    `${link.type}: ${link.message}`,
    ...link.frames.map((one) => `${one.inApp ? '*' : ' '} ${one.file}:${one.line} ${one.function}`),
  ])
}

const cases: readonly (readonly [name: string, text: string, want: readonly string[]])[] = [
  [
    'python: the exception that surfaced first, its cause after it',
    `Traceback (most recent call last):
  File "/srv/api/store.py", line 9, in read
    return self.rows[key]
           ~~~~~~~~~^^^^^
KeyError: 'k'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/api/env/lib/python3.12/site-packages/flask/app.py", line 880, in full_dispatch_request
    rv = self.dispatch_request()
  File "/srv/api/store.py", line 11, in read
    raise StoreError("no row") from None
api.store.StoreError: no row
second line of it`,
    [
      'api.store.StoreError: no row\nsecond line of it',
      '* /srv/api/store.py:11 read',
      '  /srv/api/env/lib/python3.12/site-packages/flask/app.py:880 full_dispatch_request',
      "KeyError: 'k'",
      '* /srv/api/store.py:9 read',
    ],
  ],
  [
    'python: a group, then its first member',
    `  + Exception Group Traceback (most recent call last):
  |   File "/srv/job.py", line 3, in main
  |     raise ExceptionGroup("two", errors)
  | ExceptionGroup: two (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/job.py", line 8, in one
    |     1 / 0
    | ZeroDivisionError: division by zero
    +---------------- 2 ----------------
    | ValueError: never raised
    +------------------------------------`,
    [
      'ExceptionGroup: two (2 sub-exceptions)',
      '* /srv/job.py:3 main',
      'ZeroDivisionError: division by zero',
      '* /srv/job.py:8 one',
    ],
  ],
  [
    'python: a syntax error is where the file says, and a bare type has no message',
    `ERROR in app: Exception on /import [POST]
Traceback (most recent call last):
  File "/app/run.py", line 2, in <module>
    import broken
  File "/app/broken.py", line 7
    def f(:
          ^
SyntaxError: invalid syntax`,
    ['SyntaxError: invalid syntax', '* /app/broken.py:7 null', '* /app/run.py:2 <module>'],
  ],
  [
    'python: what a driver puts below its message belongs to it',
    `Traceback (most recent call last):
  File "/app/db.py", line 4, in save
    cursor.execute(sql)
psycopg2.errors.UniqueViolation: duplicate key value violates unique constraint "u"
DETAIL:  Key (id)=(1) already exists.

[SQL: INSERT INTO t VALUES (1)]`,
    [
      'psycopg2.errors.UniqueViolation: duplicate key value violates unique constraint "u"\nDETAIL:  Key (id)=(1) already exists.\n\n[SQL: INSERT INTO t VALUES (1)]',
      '* /app/db.py:4 save',
    ],
  ],
  [
    "javascript: Node's excerpt, properties and cause",
    `/srv/web/src/pay.js:31
    throw new PayError('declined', { cause })
    ^

PayError: declined
    at charge (/srv/web/src/pay.js:31:11)
    at async Promise.all (index 1)
    at async new Checkout (/srv/web/src/checkout.js:8:3)
    at process.processTicksAndRejections (node:internal/process/task_queues:96:5) {
  code: 'E_DECLINED',
  [cause]: TypeError [ERR_INVALID_URL]: Invalid URL
      at new URL (node:internal/url:797:36)
      at /srv/web/node_modules/gateway/lib/send.js:3:9 {
    input: 'x'
  }
}

Node.js v24.1.0`,
    [
      'PayError: declined',
      '* /srv/web/src/pay.js:31 charge',
      '  null:null Promise.all',
      '* /srv/web/src/checkout.js:8 new Checkout',
      '  node:internal/process/task_queues:96 process.processTicksAndRejections',
      'TypeError: Invalid URL',
      '  node:internal/url:797 new URL',
      '  /srv/web/node_modules/gateway/lib/send.js:3 null',
    ],
  ],
  [
    'javascript: an aggregate without a stack, then its first error',
    `[AggregateError: All promises were rejected] {
  [errors]: [
    Error: a
        at one (file:///srv/m.mjs:1:2),
    Error: b
        at two (file:///srv/m.mjs:3:4)
  ]
}`,
    ['AggregateError: All promises were rejected', 'Error: a', '* file:///srv/m.mjs:1 one'],
  ],
  [
    'javascript: the place that evaluated code stands for the code; message lines that look like frames do not',
    `RangeError: too far:
  at position 7
    at eval (eval at run (/srv/x.js:5:3), <anonymous>:1:7)
    at Array.map (<anonymous>)
    at /srv/my app/y.js:9:1`,
    [
      'RangeError: too far:\n  at position 7',
      '* /srv/x.js:5 eval',
      '  <anonymous>:null Array.map',
      '* /srv/my app/y.js:9 null',
    ],
  ],
  [
    'javascript: a logger’s words before the exception, bundles and browsers',
    `checkout failed TypeError: o.f is not a function
    at f (webpack:///./src/cart.ts?:12:3)
    at https://cdn.example/assets/app.3f2a.js:1:20455`,
    [
      'TypeError: o.f is not a function',
      '* webpack:///./src/cart.ts?:12 f',
      '* https://cdn.example/assets/app.3f2a.js:1 null',
    ],
  ],
  [
    'javascript: Firefox and Safari',
    `TypeError: cart is undefined
total@https://shop.example/js/cart.js:10:5
@https://shop.example/js/main.js:3:1`,
    [
      'TypeError: cart is undefined',
      '* https://shop.example/js/cart.js:10 total',
      '* https://shop.example/js/main.js:3 null',
    ],
  ],
  [
    'javascript: code without a file, calls without a place',
    `Error
    at check (<anonymous>:3:9)
    at <anonymous>:6:4
    at helper
    at Object.InjectedScript._evaluateOn (http://shop.example/file.js?foo=bar:875:140)`,
    [
      'Error: ',
      '  <anonymous>:3 check',
      '  <anonymous>:6 null',
      '  null:null helper',
      '* http://shop.example/file.js?foo=bar:875 Object.InjectedScript._evaluateOn',
    ],
  ],
  [
    'php 5: an uncaught exception in its old words',
    `PHP Fatal error:  Uncaught exception 'App\\Bad' with message 'it's (bad)' in /srv/www/errors.php:60
Stack trace:
#0 [internal function]: Maker::{closure}()
#1 /srv/www/errors.php(20): call_user_func_array(Object(Closure), Array)
#2 {main}
  thrown in /srv/www/errors.php on line 60`,
    [
      "App\\Bad: it's (bad)",
      '* /srv/www/errors.php:60 Maker::{closure}',
      '  null:null call_user_func_array',
      '* /srv/www/errors.php:20 {main}',
    ],
  ],
  [
    'csharp: Mono without debug information, and async frames',
    `System.InvalidOperationException: bad
  at Shop.Deep.Low () [0x00000] in <filename unknown>:0 
  at Shop.Deep.<Mid>d__2.MoveNext() in c:/src/Shop/Deep.cs:line 30
--- End of stack trace from previous location where exception was thrown ---
  at System.Runtime.CompilerServices.TaskAwaiter.ThrowForNonSuccess(Task task)`,
    [
      'System.InvalidOperationException: bad',
      '* null:null Shop.Deep.Low',
      '* c:/src/Shop/Deep.cs:30 Shop.Deep.<Mid>d__2.MoveNext',
      '  null:null System.Runtime.CompilerServices.TaskAwaiter.ThrowForNonSuccess',
    ],
  ],
  [
    'java: causes with their own frames, suppressed ones left out, loaders and jars cut off',
    `Exception in thread "main" org.example.app.JobFailed: job 7
  detail: x
	at app//org.example.app.Job.run(Job.java:40) ~[classes/:na]
	at java.base/java.lang.Thread.run(Thread.java:840)
	at org.example.app.Main.main(Main.java:9)
	Suppressed: java.io.IOException: close
		at org.example.app.Job.close(Job.java:50)
	Caused by: java.lang.Error: hidden
		... 2 more
Caused by: java.lang.IllegalStateException
	at jdk.internal.reflect.NativeMethodAccessorImpl.invoke0(Native Method)
	at org.example.app.Job$$Lambda$14/0x0000.get(Unknown Source)
	... 2 common frames omitted`,
    [
      'org.example.app.JobFailed: job 7\n  detail: x',
      '* Job.java:40 org.example.app.Job.run',
      '  Thread.java:840 java.lang.Thread.run',
      '* Main.java:9 org.example.app.Main.main',
      'java.lang.IllegalStateException: ',
      '  null:null jdk.internal.reflect.NativeMethodAccessorImpl.invoke0',
      '* null:null org.example.app.Job$$Lambda$14/0x0000.get',
    ],
  ],
  [
    'java: the root cause first, as logback can print it',
    `com.acme.Low: bottom
	at com.acme.A.low(A.java:1)
Wrapped by: com.acme.High: top
	at com.acme.A.high(A.java:2)`,
    ['com.acme.High: top', '* A.java:2 com.acme.A.high', 'com.acme.Low: bottom', '* A.java:1 com.acme.A.low'],
  ],
  [
    'kotlin and scala are printed as java is',
    `kotlin.UninitializedPropertyAccessException: lateinit property db has not been initialized
	at com.acme.ShopKt.load(Shop.kt:12)
	at scala.collection.immutable.List.map(List.scala:250)
	at com.acme.Main$.$anonfun$main$1(Main.scala:7)`,
    [
      'kotlin.UninitializedPropertyAccessException: lateinit property db has not been initialized',
      '* Shop.kt:12 com.acme.ShopKt.load',
      '  List.scala:250 scala.collection.immutable.List.map',
      '* Main.scala:7 com.acme.Main$.$anonfun$main$1',
    ],
  ],
  [
    'go: what surfaced first, the recovered panic as its cause',
    `panic: no stock [recovered]
	panic: order failed: no stock
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x64c884]

goroutine 7 [running]:
main.handle.func1(0x8?)
	/src/shop/main.go:14 +0x74
panic({0x66b420?, 0x737b70?})
	/usr/local/go/src/runtime/panic.go:884 +0x212
shop/stock.(*Store).Take(...)
	/src/shop/stock/store.go:9
github.com/acme/pay.Map[...](0x1)
	/root/go/pkg/mod/github.com/acme/pay@v1.2.0/map.go:3 +0x1
created by main.main in goroutine 1
	/src/shop/main.go:30 +0x2d2

goroutine 1 [select]:
main.main()
	/src/shop/main.go:31 +0x3
exit status 2`,
    [
      'panic: order failed: no stock',
      '* /src/shop/main.go:14 main.handle.func1',
      '  /usr/local/go/src/runtime/panic.go:884 panic',
      '* /src/shop/stock/store.go:9 shop/stock.(*Store).Take',
      '  /root/go/pkg/mod/github.com/acme/pay@v1.2.0/map.go:3 github.com/acme/pay.Map[...]',
      '* /src/shop/main.go:30 main.main',
      'panic: no stock',
    ],
  ],
  [
    'go: a deadlock is a fatal error; the stack of the runtime itself does not count',
    `runtime: goroutine stack exceeds 1000000000-byte limit
fatal error: stack overflow

runtime stack:
runtime.throw({0x48, 0xe})
	/usr/local/go/src/runtime/panic.go:1047 +0x5d

goroutine 1 [running]:
main.deep(0x1)
	/src/app/main.go:3 +0x1`,
    ['fatal error: stack overflow', '* /src/app/main.go:3 main.deep'],
  ],
  [
    'go: layers of pkg/errors',
    `connection refused
app/db.Open
	/src/app/db/db.go:10
opening the store
main.main
	/src/app/main.go:7
runtime.main
	/usr/local/go/src/runtime/proc.go:250`,
    [
      'error: opening the store',
      '* /src/app/main.go:7 main.main',
      '  /usr/local/go/src/runtime/proc.go:250 runtime.main',
      'error: connection refused',
      '* /src/app/db/db.go:10 app/db.Open',
    ],
  ],
  [
    'ruby: messages of several lines, hints left out, the cause below',
    `/app/lib/cart.rb:8:in 'Cart#load': cannot load (CartError)
line two
	from /app/main.rb:5:in '<main>'
/app/lib/cart.rb:4:in 'Kernel#Integer': undefined method 'x' for nil (NoMethodError)

    nil.x
       ^^
Did you mean?  y
	from /usr/lib/ruby/gems/3.4.0/gems/rack-3.1.0/lib/rack.rb:4:in 'call'`,
    [
      'CartError: cannot load\nline two',
      '* /app/lib/cart.rb:8 Cart#load',
      '* /app/main.rb:5 <main>',
      "NoMethodError: undefined method 'x' for nil",
      '* /app/lib/cart.rb:4 Kernel#Integer',
      '  /usr/lib/ruby/gems/3.4.0/gems/rack-3.1.0/lib/rack.rb:4 call',
    ],
  ],
  [
    'ruby: the old order, the exception last',
    `Traceback (most recent call last):
	2: from main.rb:9:in \`<main>'
	1: from /app/lib/cart.rb:3:in \`load'
/app/lib/cart.rb:2:in \`parse': bad (ArgumentError)`,
    ['ArgumentError: bad', '* /app/lib/cart.rb:2 parse', '* /app/lib/cart.rb:3 load', '* main.rb:9 <main>'],
  ],
  [
    'ruby: Rails with a cause',
    `ActionView::Template::Error (undefined method \`name' for nil:NilClass):
    1: <h1><%= @user.name %></h1>
  
app/views/users/show.html.erb:1
app/controllers/users_controller.rb:12:in \`show'

Causes:
NoMethodError (undefined method \`name' for nil:NilClass)
app/views/users/show.html.erb:1`,
    [
      "ActionView::Template::Error: undefined method `name' for nil:NilClass\n    1: <h1><%= @user.name %></h1>",
      '* app/views/users/show.html.erb:1 null',
      '* app/controllers/users_controller.rb:12 show',
      "NoMethodError: undefined method `name' for nil:NilClass",
      '* app/views/users/show.html.erb:1 null',
    ],
  ],
  [
    'php: causes printed first, functions where they stood, arguments cut off',
    `PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] refused in /srv/www/src/Db.php:7
Stack trace:
#0 /srv/www/src/Db.php(7): PDO->__construct('mysql:host=(x', Object(A))
#1 [internal function]: App\\Db->{closure:App\\Db::open():6}(1)
#2 /srv/www/vendor/acme/pool/Pool.php(3): array_map(Object(Closure), Array)
#3 /srv/www/index.php(3): App\\Db::open()
#4 {main}

Next App\\StoreDown: no store
now in /srv/www/src/Db.php:9
Stack trace:
#0 {main}
  thrown in /srv/www/src/Db.php on line 9`,
    [
      'App\\StoreDown: no store\nnow',
      '* /srv/www/src/Db.php:9 {main}',
      'PDOException: SQLSTATE[HY000] [2002] refused',
      '* /srv/www/src/Db.php:7 PDO->__construct',
      '* /srv/www/src/Db.php:7 App\\Db->{closure:App\\Db::open():6}',
      '  null:null array_map',
      '  /srv/www/vendor/acme/pool/Pool.php:3 App\\Db::open',
      '* /srv/www/index.php:3 {main}',
    ],
  ],
  [
    'php: Laravel',
    `[2026-03-03 09:00:00] production.ERROR: no cart {"userId":7,"exception":"[object] (App\\Exceptions\\CartMissing(code: 0): no cart at /srv/app/Cart.php:12)
[stacktrace]
#0 /srv/vendor/laravel/framework/src/Illuminate/Routing/Controller.php(54): App\\Http\\CartController->show('7')
#1 {main}
"}`,
    [
      'App\\Exceptions\\CartMissing: no cart',
      '* /srv/app/Cart.php:12 App\\Http\\CartController->show',
      '  /srv/vendor/laravel/framework/src/Illuminate/Routing/Controller.php:54 {main}',
    ],
  ],
  [
    'php: a fatal error without a stack',
    'PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes) in /srv/a.php on line 3',
    [
      'Fatal error: Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes)',
      '* /srv/a.php:3 null',
    ],
  ],
  [
    'csharp: .NET, inner exceptions, async, sockets',
    `Unhandled exception. System.AggregateException: One or more errors occurred. (refused)
 ---> System.Net.Sockets.SocketException (111): refused
   at Acme.Bank.Gateway.SendAsync(String host, CancellationToken token) in /src/Acme.Bank/Gateway.cs:line 22
--- End of stack trace from previous location ---
   at Acme.Bank.Gateway.<>c__DisplayClass2_0.<Pay>b__0(Object _) in /src/Acme.Bank/Gateway.cs:line 9
   --- End of inner exception stack trace ---
   at System.Threading.Tasks.Task.Wait(Int32 ms, CancellationToken token)
   at Program.<Main>$(String[] args) in /src/Acme.Bank/Program.cs:line 3
 ---> (Inner Exception #1) System.Exception: another
   at Acme.Bank.Other.Go()<---
`,
    [
      'System.AggregateException: One or more errors occurred. (refused)',
      '  null:null System.Threading.Tasks.Task.Wait',
      '* /src/Acme.Bank/Program.cs:3 Program.<Main>$',
      'System.Net.Sockets.SocketException: refused',
      '* /src/Acme.Bank/Gateway.cs:22 Acme.Bank.Gateway.SendAsync',
      '* /src/Acme.Bank/Gateway.cs:9 Acme.Bank.Gateway.<>c__DisplayClass2_0.<Pay>b__0',
    ],
  ],
  [
    'csharp: Mono, heads in one line, printed twice',
    `Unhandled Exception:
Acme.A: top
more ---> Acme.B\`1[T]: low
  at Acme.X\`1[T].Low[U] (System.Collections.Generic.List\`1[T] a, Acme.Y& b) [0x00002] in /b/X.cs:7 
   --- End of inner exception stack trace ---
  at Acme.X.Main () [0x00000] in <12b418a7818c4ca0893feeaaf67f1e7f>:0 
[ERROR] FATAL UNHANDLED EXCEPTION: Acme.A: top
  at Acme.X.Main () [0x00000] in <12b418a7818c4ca0893feeaaf67f1e7f>:0 `,
    ['Acme.A: top\nmore', '* null:null Acme.X.Main', 'Acme.B`1[T]: low', '* /b/X.cs:7 Acme.X`1[T].Low'],
  ],
  [
    'rust: a panic with backtrace',
    `thread 'worker-1' panicked at src/stock.rs:9:5:
assertion \`left == right\` failed
  left: 1
 right: 2
stack backtrace:
   0:     0x562d4f35726a - std::panicking::begin_panic::h0123456789abcdef
                               at /rustc/abc/library/std/src/panicking.rs:761:5
   1:     0x562d4f35726b - shop::stock::take::{{closure}}
                               at ./src/stock.rs:9:5
   2:     0x562d4f35726c - tokio::runtime::task::run
                               at /root/.cargo/registry/src/index-1/tokio-1.38.0/src/task.rs:3:1
note: Some details are omitted, run with \`RUST_BACKTRACE=full\` for a verbose backtrace.`,
    [
      'panic: assertion `left == right` failed\n  left: 1\n right: 2',
      '  /rustc/abc/library/std/src/panicking.rs:761 std::panicking::begin_panic',
      '* ./src/stock.rs:9 shop::stock::take::{{closure}}',
      '  /root/.cargo/registry/src/index-1/tokio-1.38.0/src/task.rs:3 tokio::runtime::task::run',
    ],
  ],
  [
    'rust: without a backtrace the place of the panic is the frame; editions before 2023 print one line',
    `thread 'main' panicked at 'no stock: 0', src/main.rs:4:10
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace`,
    ['panic: no stock: 0', '* src/main.rs:4 null'],
  ],
  [
    'rust: a report of anyhow',
    `Error: cannot start

Caused by:
    0: reading the configuration
    1: No such file or directory (os error 2)

Stack backtrace:
   0: anyhow::error::new
             at /root/.cargo/registry/src/index-1/anyhow-1.0.86/src/error.rs:10:5
   1: app::main
             at ./src/main.rs:12:5`,
    [
      'Error: cannot start',
      '  /root/.cargo/registry/src/index-1/anyhow-1.0.86/src/error.rs:10 anyhow::error::new',
      '* ./src/main.rs:12 app::main',
      'Error: reading the configuration',
      'Error: No such file or directory (os error 2)',
    ],
  ],
  [
    'one line with escapes: rsyslog',
    "/app/x.rb:3:in `f': bad (ArgumentError)#012#011from /app/x.rb:9:in `<main>'",
    ['ArgumentError: bad', '* /app/x.rb:3 f', '* /app/x.rb:9 <main>'],
  ],
  [
    'one line with escapes: a JSON string that nobody decoded',
    String.raw`{"msg":"TypeError: x\n    at f (/app/a.js:1:2)\n    at g (/app/b.js:3:4)"}`.slice(8, -2),
    ['TypeError: x', '* /app/a.js:1 f', '* /app/b.js:3 g'],
  ],
]

describe('parseTrace', () => {
  test.each(cases)('%s', (_name, text, want) => {
    expect(shape(parseTrace(text))).toEqual(want)
  })

  test.each([
    ['an ordinary line', 'GET /api/orders 200 12ms'],
    ['an error without a stack', 'ERROR Error: connection refused'],
    ['a time after "at"', 'User logged in: at 10:02:03 (session 93)'],
    ['indented text', 'Options:\n  at most 3\n  from 1 to 9'],
    ['a list of numbered lines', '0: zero\n1: one'],
    ['nothing', ''],
  ])('finds no exception in %s', (_name, text) => {
    expect(parseTrace(text)).toBeNull()
  })

  test('takes carriage returns for line breaks', () => {
    const text = 'Traceback (most recent call last):\r\n  File "/a/b.py", line 1, in f\r\nValueError: x\r\n'
    expect(shape(parseTrace(text))).toEqual(['ValueError: x', '* /a/b.py:1 f'])
  })
})
