/** Traces as their runtimes print them, one or more of each language that is understood. */
export const traceSamples: Readonly<Record<string, string>> = {
  'python with a cause': `Traceback (most recent call last):
  File "/srv/web/cart.py", line 12, in load
    return self.rows[key]
           ~~~~~~~~~^^^^^
KeyError: 'sku-17'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/web/venv/lib/python3.12/site-packages/flask/app.py", line 1488, in full_dispatch_request
    rv = self.dispatch_request()
  File "/srv/web/views.py", line 30, in checkout
    raise CartError(f"cannot load {key}") from None
web.errors.CartError: cannot load sku-17`,
  'python group': `  + Exception Group Traceback (most recent call last):
  |   File "/srv/web/job.py", line 3, in main
  |     raise ExceptionGroup("two", errors)
  | ExceptionGroup: two (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/web/job.py", line 8, in one
    |     1 / 0
    | ZeroDivisionError: division by zero
    +---------------- 2 ----------------
    | ValueError: never raised
    +------------------------------------`,
  'python driver': `Traceback (most recent call last):
  File "/srv/web/db.py", line 4, in save
    cursor.execute(sql)
psycopg2.errors.UniqueViolation: duplicate key value violates unique constraint "orders_key"
DETAIL:  Key (id)=(1) already exists.

[SQL: INSERT INTO orders VALUES (1)]`,
  'javascript with a cause': `Error: cannot load cart
    at Cart.load (/srv/shop/src/cart.js:11:11)
    at async checkout (/srv/shop/src/routes.js:4:3)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {
  code: 'E_CART',
  [cause]: SyntaxError: Unexpected token 'o', "not json" is not valid JSON
      at JSON.parse (<anonymous>)
      at Cart.load (/srv/shop/src/cart.js:10:32)
}`,
  'javascript assertion': `AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:

1 !== 2

    at check (/srv/shop/src/stock.js:9:10)
    at Object.<anonymous> (/srv/shop/src/server.js:31:1)`,
  'javascript excerpt': `/srv/shop/src/pay.js:31
    throw new TypeError('declined')
    ^

TypeError: declined
    at charge (/srv/shop/src/pay.js:31:11)
    at Object.<anonymous> (/srv/shop/src/server.js:3:1)

Node.js v24.1.0`,
  'java with causes': `java.lang.IllegalStateException: order failed
	at org.acme.shop.Service.checkout(Service.java:10)
	at org.acme.shop.Main.main(Main.java:20)
Caused by: org.acme.shop.CartException: cannot load cart
	at org.acme.shop.Cart.load(Cart.java:12)
	... 2 more
Caused by: java.lang.NumberFormatException: For input string: "zz"
	at java.base/java.lang.Integer.parseInt(Integer.java:668)
	at org.acme.shop.Cart.load(Cart.java:9)
	... 2 more`,
  'java thread': `Exception in thread "main" java.lang.NullPointerException: Cannot invoke "String.length()" because "name" is null
	at org.acme.shop.Cart.owner(Cart.java:44)
	at org.acme.shop.Main.main(Main.java:8)`,
  'go panic': `panic: no stock

goroutine 7 [running]:
acme/shop/stock.(*Store).Take(0xc00001a0c0, {0x4b2f3a, 0x5})
	/src/shop/stock/store.go:9 +0x1d
main.handle(...)
	/src/shop/main.go:14
created by main.main in goroutine 1
	/src/shop/main.go:30 +0x2d2`,
  'go signal': `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x64c884]

goroutine 1 [running]:
main.owner(0x0)
	/src/shop/main.go:11 +0x1b
main.main()
	/src/shop/main.go:40 +0x85
exit status 2`,
  'ruby with a cause': `/srv/shop/cart.rb:12:in \`rescue in load': cannot load cart (CartError)
	from /srv/shop/cart.rb:9:in \`load'
	from /srv/shop/main.rb:19:in \`<main>'
/usr/lib/ruby/3.1.0/json/common.rb:216:in \`parse': unexpected token at 'x' (JSON::ParserError)
	from /srv/shop/cart.rb:10:in \`load'
	from /srv/shop/main.rb:19:in \`<main>'`,
  'php with a cause': `PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] refused in /srv/www/src/Db.php:7
Stack trace:
#0 /srv/www/src/Db.php(7): PDO->__construct('mysql:host=x')
#1 /srv/www/index.php(3): App\\Db::open()
#2 {main}

Next App\\StoreDown: no store in /srv/www/src/Db.php:9
Stack trace:
#0 /srv/www/index.php(3): App\\Db::open()
#1 {main}
  thrown in /srv/www/src/Db.php on line 9`,
  'csharp with an inner exception': `System.InvalidOperationException: order failed
 ---> Acme.Shop.CartException: cannot load cart
   at Acme.Shop.Cart.Load(String raw) in /src/Acme.Shop/Cart.cs:line 15
--- End of stack trace from previous location ---
   at Acme.Shop.Cart.Again() in /src/Acme.Shop/Cart.cs:line 20
   --- End of inner exception stack trace ---
   at Acme.Shop.Service.Order() in /src/Acme.Shop/Program.cs:line 12
   at Acme.Shop.Program.Main(String[] args) in /src/Acme.Shop/Program.cs:line 26`,
  'rust panic': `thread 'main' panicked at src/cart.rs:9:19:
index out of bounds: the len is 2 but the index is 7
stack backtrace:
   0: core::panicking::panic_bounds_check
             at /rustc/abc/library/core/src/panicking.rs:271:5
   1: shop::cart::at
             at ./src/cart.rs:9:19
   2: shop::main
             at ./src/main.rs:12:5
note: Some details are omitted, run with \`RUST_BACKTRACE=full\` for a verbose backtrace.`,
  'rust report': `Error: cannot start

Caused by:
    0: reading the configuration
    1: No such file or directory (os error 2)

Stack backtrace:
   0: anyhow::error::new
             at /root/.cargo/registry/src/index-1/anyhow-1.0.86/src/error.rs:10:5
   1: shop::main
             at ./src/main.rs:12:5`,
}
