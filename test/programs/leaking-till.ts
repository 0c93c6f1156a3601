import type { HistoryStep } from '../git-history.ts'

/**
 * A Flask shop on MariaDB with a pool of its own, made of a queue. A refund that is refused keeps its connection;
 * the traces show only those who wait for one afterwards (`list_products`, `find_order`).
 */
const POOL = `import os
import queue
from urllib.parse import urlparse

import pymysql

POOL_SIZE = 8
POOL_TIMEOUT = 5


class PoolTimeout(Exception):
    pass


class Pool:
    def __init__(self, url, size):
        self._url = urlparse(url)
        self._free = queue.Queue()
        for _ in range(size):
            self._free.put(self._connect())

    def _connect(self):
        return pymysql.connect(
            host=self._url.hostname,
            port=self._url.port,
            user=self._url.username,
            password=self._url.password,
            database=self._url.path.lstrip("/"),
            autocommit=True,
        )

    def get(self):
        try:
            return self._free.get(timeout=POOL_TIMEOUT)
        except queue.Empty:
            raise PoolTimeout(f"no connection became free within {POOL_TIMEOUT} s, all {POOL_SIZE} are in use") from None

    def put(self, connection):
        self._free.put(connection)


pool = Pool(os.environ["DATABASE_URL"], POOL_SIZE)
`

const CATALOG = `from pool import pool


def list_products(limit):
    conn = pool.get()
    try:
        with conn.cursor() as cursor:
            cursor.execute("SELECT id, name, price FROM products ORDER BY id LIMIT %s", (limit,))
            return cursor.fetchall()
    finally:
        pool.put(conn)
`

const ORDERS = `from pool import pool


def find_order(order_id):
    conn = pool.get()
    try:
        with conn.cursor() as cursor:
            cursor.execute("SELECT id, total FROM orders WHERE id = %s", (order_id,))
            return cursor.fetchone()
    finally:
        pool.put(conn)
`

const REFUNDS = `from pool import pool


def refund(order_id):
    conn = pool.get()
    try:
        with conn.cursor() as cursor:
            cursor.execute("SELECT total FROM orders WHERE id = %s", (order_id,))
            row = cursor.fetchone()
            if row is None:
                return None
            return row[0]
    finally:
        pool.put(conn)
`

const APP = `import logging
import os

from flask import Flask, jsonify, request

from catalog import list_products
from orders import find_order
from refunds import refund

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
app = Flask(__name__)


@app.route("/products")
def products():
    rows = list_products(20)
    return jsonify([{"id": row[0], "name": row[1]} for row in rows])


@app.route("/orders/<int:order_id>")
def order(order_id):
    row = find_order(order_id)
    if row is None:
        return jsonify(error="no such order"), 404
    return jsonify(id=row[0], total=row[1])


@app.route("/refunds")
def refunds():
    total = refund(int(request.args.get("order", "0")))
    if total is None:
        return jsonify(error="nothing to refund"), 404
    return jsonify(refunded=total)


@app.route("/health")
def health():
    return jsonify(status="ok")


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "5000")), threaded=True)
`

export const TILL_LEAK_STEP = 4

export const leakingTill: readonly HistoryStep[] = [
  {
    message: 'Shop: products, orders and refunds',
    files: {
      'app.py': APP,
      'pool.py': POOL,
      'catalog.py': CATALOG,
      'orders.py': ORDERS,
      'refunds.py': REFUNDS,
      '.gitignore': '__pycache__/\n',
    },
    tag: 'v1',
  },
  {
    message: 'List cheap products first',
    edits: [['catalog.py', 'ORDER BY id LIMIT', 'ORDER BY price, id LIMIT']],
  },
  { message: 'Add a readme', files: { 'README.md': '# Shop\n' } },
  {
    message: 'Give up sooner when the pool is busy',
    edits: [['pool.py', 'POOL_TIMEOUT = 5', 'POOL_TIMEOUT = 1']],
  },
  {
    message: 'Answer a refund in cents',
    edits: [
      [
        'refunds.py',
        `    try:
        with conn.cursor() as cursor:
            cursor.execute("SELECT total FROM orders WHERE id = %s", (order_id,))
            row = cursor.fetchone()
            if row is None:
                return None
            return row[0]
    finally:
        pool.put(conn)
`,
        `    with conn.cursor() as cursor:
        cursor.execute("SELECT total FROM orders WHERE id = %s", (order_id,))
        row = cursor.fetchone()
    if row is None:
        return None
    pool.put(conn)
    return row[0] * 100
`,
      ],
    ],
  },
  {
    message: 'Show the total of an order as a number',
    edits: [['app.py', 'jsonify(id=row[0], total=row[1])', 'jsonify(id=row[0], total=float(row[1]))']],
  },
  {
    message: 'Explain the pool',
    files: { 'README.md': '# Shop\n\nSet DATABASE_URL. The pool has 8 connections.\n' },
    tag: 'v2',
  },
]
