-- What a shop of this size has in it. Indexes come last: building them once is faster than keeping them up to date.

INSERT INTO departments (id, name)
SELECT number, name
  FROM unnest(ARRAY['Shirts', 'Boots', 'Jackets', 'Watches', 'Bags', 'Lamps', 'Chairs', 'Desks', 'Blankets',
                    'Mugs', 'Bottles', 'Kettles']) WITH ORDINALITY AS department (name, number);

INSERT INTO products (id, name, description, brand, department_id, price_cents, stock, featured)
SELECT id,
       CASE WHEN id % 2 = 0 THEN colour || ' ' || thing ELSE thing || ' ' || lower(colour) END || ' ' || lower(material) || ' ' || id,
       CASE WHEN id % 12 = 5 THEN NULL
            WHEN id % 40 = 7 THEN thing || ' made by hand in a red hut by the cold sea; packed without plastic.'
            ELSE thing || ' of ' || lower(material) || ', made to last.' END,
       'Brand ' || id % 250,
       1 + id / 3 % 12,
       CASE WHEN id % 40 = 0 THEN 100000 + id % 90000 ELSE 499 + id * 37 % 9500 END,
       CASE WHEN id % 50 = 49 THEN 0 ELSE 1000000 END,
       id <= 240
  FROM (SELECT id,
               (ARRAY['Red', 'Blue', 'Green', 'Black', 'White', 'Grey', 'Small', 'Large', 'Classic', 'Modern'])
                 [1 + id / 2 % 10] AS colour,
               (ARRAY['Cotton', 'Linen', 'Wool', 'Leather', 'Steel', 'Oak', 'Bamboo', 'Glass'])[1 + id / 7 % 8] AS material,
               (ARRAY['Shirt', 'Boots', 'Jacket', 'Watch', 'Bag', 'Lamp', 'Chair', 'Desk', 'Blanket', 'Mug', 'Bottle',
                      'Kettle'])[1 + id / 3 % 12] AS thing
          FROM generate_series(1, 200000) AS id) AS made;

-- The passwords of the demo accounts are `password-<id>`.
INSERT INTO accounts (id, email, name, password_salt, password_hash)
SELECT id,
       'customer' || id || '@example.com',
       'Customer ' || id,
       's' || id,
       encode(sha256(convert_to('s' || id || ':password-' || id, 'UTF8')), 'hex')
  FROM generate_series(1, 50000) AS id;

INSERT INTO coupons (code, percent, free_shipping, ends_at)
VALUES ('WELCOME10', 10, false, 'infinity'),
       ('SPRING5', 5, false, 'infinity'),
       ('VIP20', 20, false, 'infinity'),
       ('FREESHIP', 0, true, 'infinity'),
       ('WINTER15', 15, false, '2025-03-01');

-- Every third account has never ordered.
INSERT INTO orders (id, account_id, status, subtotal_cents, shipping_cents, total_cents, placed_at)
SELECT id,
       CASE WHEN account % 3 = 0 THEN account + 1 ELSE account END,
       'paid',
       2000 + id % 20000,
       390,
       2390 + id % 20000,
       now() - (300000 - id) * interval '25 seconds' - interval '1 hour'
  FROM generate_series(1, 300000) AS id, LATERAL (SELECT 1 + (id::bigint * 7919 % 49999)::int AS account) AS of_account;

INSERT INTO order_items (order_id, product_id, quantity, unit_cents)
SELECT id, 1 + ((id::bigint * 31 + line * 104729) % 200000)::int, 1 + (id + line) % 3, 499 + id % 9500
  FROM generate_series(1, 300000) AS id, generate_series(0, 2) AS line
 WHERE line <= id % 3;

INSERT INTO links (code, url)
SELECT 'a' || lpad(number::text, 6, '0'), 'https://shop.example/products/' || number
  FROM generate_series(1, 5000) AS number;

SELECT setval('orders_id_seq', 300000);

CREATE UNIQUE INDEX accounts_email ON accounts (email);
CREATE INDEX products_name_prefix ON products (lower(name) text_pattern_ops);
CREATE INDEX products_featured ON products (id) WHERE featured;
CREATE INDEX orders_account_id ON orders (account_id, placed_at);
CREATE INDEX order_items_order_id ON order_items (order_id);

ANALYZE;
