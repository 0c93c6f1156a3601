import { describe, expect, test } from 'vitest'
import type { StackFrame } from '../exception.ts'
import { classifyFrames, repositoryPath } from './in-app.ts'

const frame = (file: string | null, name: string | null = 'f'): StackFrame => ({
  file,
  line: 1,
  function: name,
  inApp: false,
})

/** Which of the frames, innermost first, are the application's own. */
function own(frames: readonly StackFrame[], files?: readonly string[]): boolean[] {
  const chain = [{ type: 'Error', message: '', frames }]
  const known = files === undefined ? undefined : new Set(files)
  return (classifyFrames(chain, known)[0]?.frames ?? []).map((one) => one.inApp)
}

describe('classifyFrames without a repository', () => {
  test.each([
    '/usr/lib/python3.11/json/decoder.py',
    '/opt/venv/lib/python3.12/site-packages/flask/app.py',
    '/root/.pyenv/versions/3.11.7/lib/python3.11/threading.py',
    '<frozen importlib._bootstrap>',
    'C:\\Python311\\Lib\\site-packages\\requests\\api.py',
    'node:internal/modules/cjs/loader',
    'internal/process/task_queues.js',
    '/app/node_modules/express/lib/router/index.js',
    'webpack-internal:///./node_modules/react-dom/index.js',
    '/usr/local/go/src/net/http/server.go',
    '/root/go/pkg/mod/github.com/acme/pay@v1.2.0/pay.go',
    'github.com/acme/pay@v1.2.0/pay.go',
    '/app/vendor/github.com/acme/pay/pay.go',
    '/usr/local/bundle/gems/rack-3.1.0/lib/rack.rb',
    '<internal:kernel>',
    '/var/www/html/vendor/laravel/framework/src/Kernel.php',
    '/rustc/abc/library/std/src/panicking.rs',
    '/root/.cargo/registry/src/index-1/tokio-1.38.0/src/task.rs',
    '/_/src/System.Private.CoreLib/Task.cs',
  ])('%s is library code', (file) => {
    expect(own([frame(file), frame('/app/src/main.x')])).toEqual([false, true])
  })

  test.each([
    '/app/src/cart.py',
    '/home/ada/shop/cart.py',
    '/var/www/html/src/Cart.php',
    'app/controllers/carts_controller.rb',
    './src/main.rs',
    'file:///srv/shop/cart.mjs',
    'C:\\work\\Shop\\Cart.cs',
    '/srv/lib/cart.js',
  ])('%s is not', (file) => {
    expect(own([frame(file)])).toEqual([true])
  })

  test.each([
    {
      how: 'beside the program in a folder that holds many',
      file: '/build/pay/client.cs',
      main: '/build/shop/main.cs',
      want: false,
    },
    {
      how: 'beside the program in its own project',
      file: '/app/libs/pay/client.py',
      main: '/app/services/main.py',
      want: true,
    },
    {
      how: 'below the program',
      file: '/src/shop/internal/cart.go',
      main: '/src/shop/cmd/main.go',
      want: true,
    },
    {
      how: 'absolute where rustc prints the workspace relative',
      file: '/srv/pay/lib.rs',
      main: './src/main.rs',
      want: false,
    },
    {
      how: 'absolute where the script was named relative',
      file: '/app/lib/cart.rb',
      main: 'main.rb',
      want: true,
    },
  ])('a file $how: $file from $main', ({ file, main, want }) => {
    expect(own([frame(file), frame(main, 'main')])).toEqual([want, true])
  })

  test.each<[string, [string, boolean][]]>([
    [
      'of the platform',
      [
        ['java.util.ArrayList.get', false],
        ['com.acme.Cart.load', true],
      ],
    ],
    [
      'of a library beside the main class',
      [
        ['org.pay.Client.send', false],
        ['com.acme.shop.Cart.load', true],
        ['com.acme.Main.main', true],
      ],
    ],
    [
      'all unknown, no main class',
      [
        ['com.pay.Client.send', true],
        ['com.acme.Cart.load', true],
      ],
    ],
    [
      'org. beside com.',
      [
        ['org.pay.Client.send', false],
        ['com.acme.Cart.load', true],
      ],
    ],
    [
      'org. alone',
      [
        ['org.pay.Client.send', true],
        ['org.springframework.web.X.y', false],
      ],
    ],
    ['the default package', [['Main.main', true]]],
  ])('packages: %s', (_name, rows) => {
    const frames = rows.map(([name]) => frame(`${name.split('.').at(-2)}.java`, name))
    expect(own(frames)).toEqual(rows.map(([, want]) => want))
  })

  test('.NET: code without debug information beside code that has it', () => {
    const frames = [
      frame(null, 'System.Int32.Parse'),
      frame(null, 'Newtonsoft.Json.JsonConvert.Read'),
      frame(null, 'PayClient.Client.Send'),
      frame('/src/Shop/Cart.cs', 'Acme.Shop.Cart.Load'),
    ]
    expect(own(frames)).toEqual([false, false, false, true])
  })

  test('.NET: no debug information at all', () => {
    expect(own([frame(null, 'System.Int32.Parse'), frame(null, 'Acme.Shop.Cart.Load')])).toEqual([
      false,
      true,
    ])
  })
})

describe('classifyFrames with a repository', () => {
  const files = ['src/cart.py', 'src/main/java/com/acme/Cart.java', 'index.js', 'node_modules/x/index.js']

  test('the frames whose place is a file of it', () => {
    expect(own([frame('/opt/other/pay.py'), frame('/deploy/v7/src/cart.py')], files)).toEqual([false, true])
    expect(
      own([frame('Cart.java', 'com.acme.Cart.load'), frame('Cart.java', 'org.pay.Cart.load')], files),
    ).toEqual([true, false])
  })

  test('not library code that happens to have the name of one', () => {
    const library = [
      '/app/node_modules/y/index.js',
      '/app/node_modules/x/index.js',
      '/usr/lib/python3/dist-packages/flask/index.js',
    ]
    const frames = [...library.map((file) => frame(file)), frame('/app/index.js')]
    expect(own(frames, files)).toEqual([false, false, false, true])
  })

  test('a trace that has nothing to do with it goes by the paths', () => {
    expect(own([frame('/app/node_modules/y/a.js'), frame('/app/other.js')], files)).toEqual([false, true])
  })
})

describe('repositoryPath', () => {
  const files = new Set([
    'src/cart.py',
    'lib/cart.py',
    'app.py',
    'api/src/main/java/com/acme/Cart.java',
    'web/src/a.ts',
    'admin/src/a.ts',
  ])

  test.each<[string, string | null]>([
    ['src/cart.py', 'src/cart.py'],
    ['/app/src/cart.py', 'src/cart.py'],
    ['./src/cart.py', 'src/cart.py'],
    ['C:\\deploy\\src\\cart.py', 'src/cart.py'],
    ['file:///srv/web/src/a.ts', 'web/src/a.ts'],
    ['webpack:///./web/src/a.ts?', 'web/src/a.ts'],
    ['/anywhere/app.py', 'app.py'],
    ['/anywhere/cart.py', null],
    ['/srv/src/a.ts', null],
    ['node:internal/app.py', null],
    ['/app/src/other.py', null],
    ['/usr/lib/python3/dist-packages/flask/app.py', null],
    ['/opt/venv/lib/python3.12/site-packages/src/cart.py', 'src/cart.py'],
    ['/usr/lib/shop/src/cart.py', 'src/cart.py'],
    ['/usr/share/nginx/html/src/cart.py', 'src/cart.py'],
    ['/usr/local/bin/app.py', 'app.py'],
    ['/usr/lib/python3.11/src/cart.py', null],
    ['/app/node_modules/x/src/cart.py', null],
  ])('%s → %s', (file, want) => {
    expect(repositoryPath(file, files)).toBe(want)
  })

  test('finds a class by its package', () => {
    expect(repositoryPath({ file: 'Cart.java', function: 'com.acme.Cart.load' }, files)).toBe(
      'api/src/main/java/com/acme/Cart.java',
    )
    expect(repositoryPath({ file: 'Cart.java', function: 'org.other.Cart.load' }, files)).toBeNull()
  })
})
