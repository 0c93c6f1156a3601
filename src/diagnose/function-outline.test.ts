import { expect, test } from 'vitest'
import { functionAt, functionName, outlineFunctions } from './function-outline.ts'

type Row = { readonly name: string; readonly text: string; readonly want: readonly string[] }

const rows: readonly Row[] = [
  {
    name: 'python: methods, decorators, nested functions, several lines of parameters',
    text: `import os

def first(a): return a

def second(
    a,
    b,
) -> int:
    if a:
        return b

    return a


class Order(Base):
    @property
    async def total(self):
        def add(x):
            return x
        return sum(map(add, self.lines))

    def empty(self): ...
`,
    want: ['first 3-3', 'second 5-12', 'Order.total 17-20', 'Order.add 18-19', 'Order.empty 22-22'],
  },
  {
    name: 'javascript: functions, arrows, methods, prototypes, routes',
    text: `'use strict'
export async function load(path) {
  return read(path)
}
const find = async (id) => {
  return db.get(id)
}
exports.save = function saveOrder(order) {
  return db.put(order)
}
Store.prototype.close = function () {
  this.pool.end()
}
class Cart extends Base {
  #total = 0
  static of(lines) {
    return new Cart(lines)
  }
  async sum({ tax } = {}) {
    if (tax) {
      return 1
    }
    for (const line of this.lines) {
      add(line)
    }
  }
}
app.get('/orders/:id', async (request) => {
  return find(request.params.id)
})
`,
    want: [
      'load 2-4',
      'find 5-7',
      'saveOrder 8-10',
      'Store.close 11-13',
      'Cart.of 16-18',
      'Cart.sum 19-26',
      'app.get /orders/:id 28-30',
    ],
  },
  {
    name: 'java: annotations, generics, throws, constructors',
    text: `package a;
public class OrderStore {
    public OrderStore(DataSource source) {
        this.source = source;
    }
    @Override
    public <T> List<Order> find(long id, Map<String, T> more)
            throws SQLException {
        if (id < 0) {
            throw new IllegalArgumentException("id");
        }
        return query(id);
    }
}
`,
    want: ['OrderStore.OrderStore 3-5', 'OrderStore.find 7-13'],
  },
  {
    name: 'go: functions and receivers',
    text: `package store

type Store struct {
	pool *Pool
}

func New(pool *Pool) *Store {
	return &Store{pool}
}

func (s *Store) Find(ctx context.Context, id int64) (*Order, error) {
	if id < 0 {
		return nil, errBadID
	}
	return s.scan(ctx, id)
}
`,
    want: ['New 7-9', 'Store.Find 11-16'],
  },
  {
    name: 'c#: braces on lines of their own, expression bodies left to their class',
    text: `namespace Shop
{
    public class Store
    {
        public async Task<Order?> FindAsync(int id)
        {
            using var connection = Open();
            return await connection.Get(id);
        }
    }
}
`,
    want: ['Store.FindAsync 5-9'],
  },
  {
    name: 'ruby, php and rust',
    text: `class Order
  def self.open
    where(state: 1)
  rescue Error
    []
  end
end
class Shop
{
    public function find(int $id): ?array
    {
        return $this->db->get($id);
    }
}
impl Store {
    pub async fn load(&self, id: u64) -> Result<Order> {
        self.get(id)
    }
}
`,
    want: ['Order.open 2-6', 'Shop.find 10-13', 'Store.load 16-18'],
  },
]

test.each(rows)('outlines $name', ({ text, want }) => {
  const found = outlineFunctions(text).map(
    ({ owner, name, from, to }) => `${owner === null ? '' : `${owner}.`}${name} ${from}-${to}`,
  )
  expect(found).toEqual(want)
})

test.each([
  '    if (ready) {',
  '    return find(id) {',
  '    defer func() {',
  '  } catch (error) {',
  '  total = sum(lines)',
  '  await save(order)',
  '  new Order(id);',
  'SELECT count(*) FROM orders',
])('takes %j for no function', (line) => {
  expect(functionName(line)).toBe(null)
})

test('the function at a line is the innermost one', () => {
  const outline = outlineFunctions('def a():\n    def b():\n        return 1\n    return b\n\n\nx = 1\n')
  expect([2, 3, 4, 7].map((line) => functionAt(outline, line)?.name ?? null)).toEqual(['b', 'b', 'a', null])
})

test('is quick on large files', () => {
  const text = Array.from({ length: 20_000 }, (_, at) => `def f${at}(a):\n    return g(a, ${at})\n`).join(
    '\n',
  )
  const started = performance.now()
  expect(outlineFunctions(text)).toHaveLength(20_000)
  expect(performance.now() - started).toBeLessThan(3000)
})
