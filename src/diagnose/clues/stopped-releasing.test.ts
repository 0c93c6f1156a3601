import { expect, test } from 'vitest'
import { viewOf } from '../../../test/commit-view.ts'
import type { Scene } from '../scene.ts'
import { stoppedReleasing } from './stopped-releasing.ts'

const scene = { ailments: new Set(['exhaustion']) } as unknown as Scene // the clue reads no more of it

function strengthOf(path: string, before: string, after: string): number {
  return Math.max(
    0,
    ...stoppedReleasing(scene, viewOf([{ path, before, after }])).map(({ strength }) => strength),
  )
}

type Row = { readonly name: string; readonly path: string; readonly before: string; readonly after: string }

const leaks: readonly Row[] = [
  {
    name: 'python: with becomes an assignment',
    path: 'shop/orders.py',
    before: `def find_order(pool, order_id):
    with pool.connection() as conn:
        row = conn.execute(SQL, (order_id,)).fetchone()
        return row
`,
    after: `def find_order(pool, order_id):
    conn = pool.connection()
    row = conn.execute(SQL, (order_id,)).fetchone()
    return row
`,
  },
  {
    name: 'python: finally is taken out, with its putconn',
    path: 'shop/orders.py',
    before: `def find_order(order_id):
    conn = pool.getconn()
    try:
        with conn.cursor() as cur:
            cur.execute(SQL, (order_id,))
            return cur.fetchone()
    finally:
        pool.putconn(conn)
`,
    after: `def find_order(order_id):
    conn = pool.getconn()
    with conn.cursor() as cur:
        cur.execute(SQL, (order_id,))
        return cur.fetchone()
`,
  },
  {
    name: 'python: an early return before the release',
    path: 'shop/orders.py',
    before: `def find_order(order_id):
    conn = pool.getconn()
    row = query(conn, order_id)
    pool.putconn(conn)
    return row
`,
    after: `def find_order(order_id):
    conn = pool.getconn()
    row = query(conn, order_id)
    if row is None:
        return None
    pool.putconn(conn)
    return row
`,
  },
  {
    name: 'python: released on success only',
    path: 'shop/orders.py',
    before: `def charge(order):
    session = SessionLocal()
    try:
        session.add(Payment(order))
        session.commit()
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()
`,
    after: `def charge(order):
    session = SessionLocal()
    try:
        session.add(Payment(order))
        session.commit()
        session.close()
    except Exception:
        log.exception("charge failed")
        raise
`,
  },
  {
    name: 'python: the wrapper no longer gives back what it was given',
    path: 'shop/db.py',
    before: `class Lease:
    def __exit__(self, kind, value, trace):
        self.pool.putconn(self.conn)
        return False
`,
    after: `class Lease:
    def __exit__(self, kind, value, trace):
        metrics.observe("lease", self.age())
        return False
`,
  },
  {
    name: 'python: the teardown hook returns before the close',
    path: 'shop/app.py',
    before: `@app.teardown_appcontext
def close_db(error):
    db = g.pop("db", None)
    if db is not None:
        db.close()
`,
    after: `@app.teardown_appcontext
def close_db(error):
    if error is not None:
        return
    db = g.pop("db", None)
    if db is not None:
        db.close()
`,
  },
  {
    name: 'python: new code that never releases',
    path: 'shop/reports.py',
    before: `def total(rows):
    return sum(rows)
`,
    after: `def total(rows):
    return sum(rows)


def export_report(day):
    conn = engine.connect()
    rows = conn.execute(text(SQL), {"day": day}).all()
    return [to_csv(row) for row in rows]
`,
  },
  {
    name: 'python: async with becomes await acquire',
    path: 'shop/orders.py',
    before: `async def list_orders(user):
    async with pool.acquire() as conn:
        return await conn.fetch(SQL, user)
`,
    after: `async def list_orders(user):
    conn = await pool.acquire()
    return await conn.fetch(SQL, user)
`,
  },
  {
    name: 'javascript: finally with release is taken out',
    path: 'src/orders.js',
    before: `export async function findOrder(id) {
  const client = await pool.connect()
  try {
    const { rows } = await client.query(SQL, [id])
    return rows[0]
  } finally {
    client.release()
  }
}
`,
    after: `export async function findOrder(id) {
  const client = await pool.connect()
  const { rows } = await client.query(SQL, [id])
  return rows[0]
}
`,
  },
  {
    name: 'javascript: release moved from finally to the end',
    path: 'src/orders.js',
    before: `async function save(order) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(INSERT, [order.id]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
`,
    after: `async function save(order) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(INSERT, [order.id]);
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
`,
  },
  {
    name: 'javascript: an early return in between',
    path: 'src/stock.js',
    before: `exports.reserve = async (sku) => {
  const conn = await db.getConnection();
  const [rows] = await conn.query(SQL, [sku]);
  conn.release();
  return rows;
};
`,
    after: `exports.reserve = async (sku) => {
  const conn = await db.getConnection();
  const [rows] = await conn.query(SQL, [sku]);
  if (rows.length === 0) {
    return null;
  }
  conn.release();
  return rows;
};
`,
  },
  {
    name: 'javascript: promise finally is dropped',
    path: 'src/stock.js',
    before: `function reserve(sku) {
  return pool.acquire().then((conn) =>
    conn.query(SQL, [sku]).finally(() => pool.release(conn)),
  );
}
`,
    after: `function reserve(sku) {
  return pool.acquire().then((conn) =>
    conn.query(SQL, [sku]),
  );
}
`,
  },
  {
    name: 'typescript: query runner no longer released',
    path: 'src/orders.service.ts',
    before: `export class OrdersService {
  async pay(id: string): Promise<void> {
    const runner = this.source.createQueryRunner()
    await runner.connect()
    try {
      await runner.manager.save(Payment, { id })
    } finally {
      await runner.release()
    }
  }
}
`,
    after: `export class OrdersService {
  async pay(id: string): Promise<void> {
    const runner = this.source.createQueryRunner()
    await runner.connect()
    await runner.manager.save(Payment, { id })
  }
}
`,
  },
  {
    name: 'java: try-with-resources becomes an assignment',
    path: 'src/main/java/com/acme/OrderStore.java',
    before: `class OrderStore {
    Order find(long id) throws SQLException {
        try (Connection connection = dataSource.getConnection();
             PreparedStatement statement = connection.prepareStatement(SQL)) {
            statement.setLong(1, id);
            return read(statement.executeQuery());
        }
    }
}
`,
    after: `class OrderStore {
    Order find(long id) throws SQLException {
        Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(SQL);
        statement.setLong(1, id);
        return read(statement.executeQuery());
    }
}
`,
  },
  {
    name: 'java: close leaves the finally block',
    path: 'src/main/java/com/acme/OrderStore.java',
    before: `class OrderStore {
    public List<Order> all() throws SQLException {
        Connection connection = pool.borrowConnection();
        try {
            return query(connection);
        } finally {
            connection.close();
        }
    }
}
`,
    after: `class OrderStore {
    public List<Order> all() throws SQLException {
        Connection connection = pool.borrowConnection();
        List<Order> orders = query(connection);
        if (orders.isEmpty()) {
            throw new NotFoundException("no orders");
        }
        connection.close();
        return orders;
    }
}
`,
  },
  {
    name: 'go: defer is taken out',
    path: 'internal/orders/store.go',
    before: `func (s *Store) Find(ctx context.Context, id int64) (*Order, error) {
	rows, err := s.db.QueryContext(ctx, findSQL, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return scanOne(rows)
}
`,
    after: `func (s *Store) Find(ctx context.Context, id int64) (*Order, error) {
	rows, err := s.db.QueryContext(ctx, findSQL, id)
	if err != nil {
		return nil, err
	}
	return scanOne(rows)
}
`,
  },
  {
    name: 'go: defer becomes a call at the end, with a return above it',
    path: 'internal/orders/store.go',
    before: `func (s *Store) Reserve(ctx context.Context, id int64) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, reserveSQL, id); err != nil {
		return fmt.Errorf("reserve: %w", err)
	}
	return nil
}
`,
    after: `func (s *Store) Reserve(ctx context.Context, id int64) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, reserveSQL, id); err != nil {
		return fmt.Errorf("reserve: %w", err)
	}
	conn.Release()
	return nil
}
`,
  },
  {
    name: 'go: a transaction is no longer rolled back',
    path: 'internal/orders/store.go',
    before: `func (s *Store) Save(ctx context.Context, o Order) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, insertSQL, o.ID); err != nil {
		return err
	}
	return tx.Commit()
}
`,
    after: `func (s *Store) Save(ctx context.Context, o Order) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, insertSQL, o.ID); err != nil {
		return err
	}
	return tx.Commit()
}
`,
  },
  {
    name: 'c#: using var becomes var',
    path: 'src/Shop/OrderStore.cs',
    before: `public class OrderStore
{
    public async Task<Order?> FindAsync(int id)
    {
        await using var connection = await _source.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<Order>(Sql, new { id });
    }
}
`,
    after: `public class OrderStore
{
    public async Task<Order?> FindAsync(int id)
    {
        var connection = await _source.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<Order>(Sql, new { id });
    }
}
`,
  },
  {
    name: 'c#: the using block is taken apart',
    path: 'src/Shop/OrderStore.cs',
    before: `public class OrderStore
{
    public Order Find(int id)
    {
        using (var connection = new SqlConnection(_connectionString))
        {
            connection.Open();
            return Read(connection, id);
        }
    }
}
`,
    after: `public class OrderStore
{
    public Order Find(int id)
    {
        var connection = new SqlConnection(_connectionString);
        connection.Open();
        var order = Read(connection, id);
        if (order == null)
        {
            return Order.Missing;
        }
        connection.Dispose();
        return order;
    }
}
`,
  },
  {
    name: 'c#: a semaphore is released on success only',
    path: 'src/Shop/Gate.cs',
    before: `public class Gate
{
    public async Task Enter(Func<Task> work)
    {
        await _semaphore.WaitAsync();
        try
        {
            await work();
        }
        finally
        {
            _semaphore.Release();
        }
    }
}
`,
    after: `public class Gate
{
    public async Task Enter(Func<Task> work)
    {
        await _semaphore.WaitAsync();
        await work();
        _semaphore.Release();
    }
}
`,
  },
  {
    name: 'ruby: a block becomes a checkout',
    path: 'app/models/order.rb',
    before: `class Order
  def self.find_open
    pool.with do |conn|
      conn.exec(SQL).to_a
    end
  end
end
`,
    after: `class Order
  def self.find_open
    conn = pool.checkout
    conn.exec(SQL).to_a
  end
end
`,
  },
  {
    name: 'ruby: ensure is taken out',
    path: 'lib/store.rb',
    before: `def orders
  conn = pool.checkout
  conn.exec(SQL)
ensure
  pool.checkin(conn)
end
`,
    after: `def orders
  conn = pool.checkout
  conn.exec(SQL)
end
`,
  },
  {
    name: 'php: the connection is not put back when it throws',
    path: 'src/OrderStore.php',
    before: `<?php
class OrderStore
{
    public function find(int $id): ?array
    {
        $conn = $this->pool->getConnection();
        try {
            return $conn->fetch(self::SQL, [$id]);
        } finally {
            $this->pool->releaseConnection($conn);
        }
    }
}
`,
    after: `<?php
class OrderStore
{
    public function find(int $id): ?array
    {
        $conn = $this->pool->getConnection();
        $row = $conn->fetch(self::SQL, [$id]);
        if ($row === null) {
            return null;
        }
        $this->pool->releaseConnection($conn);
        return $row;
    }
}
`,
  },
  {
    name: 'kotlin: use becomes an assignment',
    path: 'src/main/kotlin/OrderStore.kt',
    before: `class OrderStore(private val dataSource: DataSource) {
    fun find(id: Long): Order? {
        dataSource.connection.use { connection ->
            return read(connection, id)
        }
    }
}
`,
    after: `class OrderStore(private val dataSource: DataSource) {
    fun find(id: Long): Order? {
        val connection = dataSource.getConnection()
        return read(connection, id)
    }
}
`,
  },
  {
    name: 'python: a context manager without try, and without its putconn',
    path: 'shop/db.py',
    before: `@contextmanager
def connection():
    conn = pool.getconn()
    try:
        yield conn
    finally:
        pool.putconn(conn)
`,
    after: `@contextmanager
def connection():
    conn = pool.getconn()
    yield conn
`,
  },
  {
    name: 'python: a release in finally, but under a condition of its own',
    path: 'shop/db.py',
    before: `def run(sql):
    conn = pool.getconn()
    try:
        return execute(conn, sql)
    finally:
        pool.putconn(conn)
`,
    after: `def run(sql):
    conn = pool.getconn()
    done = False
    try:
        rows = execute(conn, sql)
        done = True
        return rows
    finally:
        if done:
            pool.putconn(conn)
`,
  },
  {
    name: 'javascript: callbacks, with an error path that does not release',
    path: 'lib/users.js',
    before: `exports.byName = function (name, done) {
  pool.getConnection((err, conn) => {
    if (err) return done(err)
    conn.query(SQL, [name], (err, rows) => {
      conn.release()
      done(err, rows)
    })
  })
}
`,
    after: `exports.byName = function (name, done) {
  pool.getConnection((err, conn) => {
    if (err) return done(err)
    conn.query(SQL, [name], (err, rows) => {
      if (err) return done(err)
      conn.release()
      done(null, rows)
    })
  })
}
`,
  },
  {
    name: 'javascript: the release is named and not called',
    path: 'lib/users.js',
    before: `async function byName(name) {
  const client = await pool.connect()
  try {
    return await client.query(SQL, [name])
  } finally {
    client.release()
  }
}
`,
    after: `async function byName(name) {
  const client = await pool.connect()
  try {
    return await client.query(SQL, [name])
  } finally {
    client.release
  }
}
`,
  },
  {
    name: 'javascript: a pool for every call',
    path: 'lib/users.js',
    before: `const pool = new Pool(settings)

async function byName(name) {
  return pool.query(SQL, [name])
}
`,
    after: `async function byName(name) {
  const pool = new Pool(settings)
  return pool.query(SQL, [name])
}
`,
  },
  {
    name: 'python: a release that is no longer awaited',
    path: 'app/db.py',
    before: `async def finish(request):
    await request.app.pool.release(request.conn)
`,
    after: `async def finish(request):
    request.app.pool.release(request.conn)
`,
  },
  {
    name: 'java: the closing helper is not given the connection any more',
    path: 'Store.java',
    before: `class Store {
    Order find(long id) throws SQLException {
        Connection connection = source.getConnection();
        ResultSet rows = null;
        try {
            rows = query(connection, id);
            return read(rows);
        } finally {
            DbUtils.closeQuietly(rows, connection);
        }
    }
}
`,
    after: `class Store {
    Order find(long id) throws SQLException {
        Connection connection = source.getConnection();
        ResultSet rows = null;
        try {
            rows = query(connection, id);
            return read(rows);
        } finally {
            DbUtils.closeQuietly(rows);
        }
    }
}
`,
  },
  {
    name: 'go: the body of an answer is not closed',
    path: 'client.go',
    before: `func (c *Client) Price(ctx context.Context, id string) (int, error) {
	resp, err := c.http.Do(request(ctx, id))
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return decode(resp.Body)
}
`,
    after: `func (c *Client) Price(ctx context.Context, id string) (int, error) {
	resp, err := c.http.Do(request(ctx, id))
	if err != nil {
		return 0, err
	}
	return decode(resp.Body)
}
`,
  },
  {
    name: 'c#: a connection of a factory leaves its using',
    path: 'Store.cs',
    before: `public class Store
{
    public Order Find(int id)
    {
        using var db = _factory.Create();
        db.Open();
        return db.QuerySingle<Order>(Sql, new { id });
    }
}
`,
    after: `public class Store
{
    public Order Find(int id)
    {
        var db = _factory.Create();
        db.Open();
        return db.QuerySingle<Order>(Sql, new { id });
    }
}
`,
  },
]

const innocent: readonly Row[] = [
  {
    name: 'python: finally becomes with',
    path: 'shop/orders.py',
    before: `def find_order(order_id):
    conn = pool.getconn()
    try:
        return query(conn, order_id)
    finally:
        pool.putconn(conn)
`,
    after: `def find_order(order_id):
    with pool.connection() as conn:
        return query(conn, order_id)
`,
  },
  {
    name: 'python: more work inside the with block',
    path: 'shop/orders.py',
    before: `def find_order(order_id):
    with pool.connection() as conn:
        return query(conn, order_id)
`,
    after: `def find_order(order_id):
    with pool.connection() as conn:
        row = query(conn, order_id)
        if row is None:
            raise NotFound(order_id)
        log.debug("found %s", order_id)
        return row
`,
  },
  {
    name: 'python: a factory hands its connection on',
    path: 'shop/db.py',
    before: `def connect():
    return psycopg.connect(DSN)
`,
    after: `def connect():
    conn = psycopg.connect(DSN)
    conn.autocommit = True
    return conn
`,
  },
  {
    name: 'python: function and its release are removed together',
    path: 'shop/orders.py',
    before: `def find_order(order_id):
    return query(order_id)


def old_report():
    conn = pool.getconn()
    try:
        return report(conn)
    finally:
        pool.putconn(conn)
`,
    after: `def find_order(order_id):
    return query(order_id)
`,
  },
  {
    name: 'javascript: a new function that releases in finally',
    path: 'src/orders.js',
    before: `export const SQL = 'select 1'
`,
    after: `export const SQL = 'select 1'

export async function countOrders() {
  const client = await pool.connect()
  try {
    const { rows } = await client.query('select count(*) from orders')
    return rows[0].count
  } finally {
    client.release()
  }
}
`,
  },
  {
    name: 'javascript: pool.query instead of a client of its own',
    path: 'src/orders.js',
    before: `async function find(id) {
  const client = await pool.connect()
  try {
    return await client.query(SQL, [id])
  } finally {
    client.release()
  }
}
`,
    after: `async function find(id) {
  return pool.query(SQL, [id])
}
`,
  },
  {
    name: 'go: a line of logging beside the defer',
    path: 'store.go',
    before: `func (s *Store) Find(ctx context.Context, id int64) (*Order, error) {
	rows, err := s.db.QueryContext(ctx, findSQL, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return scanOne(rows)
}
`,
    after: `func (s *Store) Find(ctx context.Context, id int64) (*Order, error) {
	rows, err := s.db.QueryContext(ctx, findSQL, id)
	if err != nil {
		s.log.Error("find failed", "id", id, "err", err)
		return nil, err
	}
	defer rows.Close()
	return scanOne(rows)
}
`,
  },
  {
    name: 'java: the variable of a try-with-resources is renamed',
    path: 'OrderStore.java',
    before: `class OrderStore {
    Order find(long id) throws SQLException {
        try (Connection c = dataSource.getConnection()) {
            return read(c, id);
        }
    }
}
`,
    after: `class OrderStore {
    Order find(long id) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            return read(connection, id);
        }
    }
}
`,
  },
  {
    name: 'c#: using block becomes using declaration',
    path: 'OrderStore.cs',
    before: `public class OrderStore
{
    public Order Find(int id)
    {
        using (var connection = new SqlConnection(_connectionString))
        {
            return Read(connection, id);
        }
    }
}
`,
    after: `public class OrderStore
{
    public Order Find(int id)
    {
        using var connection = new SqlConnection(_connectionString);
        return Read(connection, id);
    }
}
`,
  },
  {
    name: 'python: a null check around the release in finally',
    path: 'shop/db.py',
    before: `def run(sql):
    conn = None
    try:
        conn = pool.getconn()
        return execute(conn, sql)
    finally:
        pool.putconn(conn)
`,
    after: `def run(sql):
    conn = None
    try:
        conn = pool.getconn()
        return execute(conn, sql)
    finally:
        if conn is not None:
            pool.putconn(conn)
`,
  },
  {
    name: 'python: an exit stack takes over',
    path: 'shop/db.py',
    before: `def run(sql):
    with pool.connection() as conn:
        return execute(conn, sql)
`,
    after: `def run(sql):
    with ExitStack() as stack:
        conn = stack.enter_context(pool.connection())
        return execute(conn, sql)
`,
  },
  {
    name: 'go: an early return before anything is taken',
    path: 'store.go',
    before: `func (s *Store) Find(ctx context.Context, id int64) (*Order, error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	return scan(conn, id)
}
`,
    after: `func (s *Store) Find(ctx context.Context, id int64) (*Order, error) {
	if id <= 0 {
		return nil, ErrBadID
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	return scan(conn, id)
}
`,
  },
]

test.each(leaks)('sees that $name', ({ path, before, after }) => {
  expect(strengthOf(path, before, after)).toBeGreaterThanOrEqual(0.5)
})

test.each(leaks)('sees nothing in the way back: $name', ({ path, before, after }) => {
  // New code that never released is a removal of that code the other way round; so are all the others mended.
  expect(strengthOf(path, after, before)).toBeLessThan(0.35)
})

test.each(innocent)('does not mind $name', ({ path, before, after }) => {
  expect(strengthOf(path, before, after)).toBeLessThan(0.2)
})

test('shows the lines that stopped the release first', () => {
  const row = leaks.find(({ name }) => name.startsWith('javascript: finally'))
  const [sighting] = stoppedReleasing(
    scene,
    viewOf([{ path: 'a.js', before: row?.before ?? '', after: row?.after ?? '' }]),
  )
  expect(
    sighting?.hunks[0]?.lines.some((line) => line.startsWith('-') && line.includes('client.release()')),
  ).toBe(true)
  expect(sighting?.summary).toContain('client')
})
