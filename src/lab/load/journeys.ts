import { pickOne, wholeBetween } from './random.ts'
import type { Random } from './random.ts'
import { get, post } from './shop-request.ts'
import type { ShopRequest } from './shop-request.ts'
import type { Shopper } from './shopper.ts'

/** What someone came for, request by request; it reads what the shopper remembers of the answers so far. */
export type Journey = (shopper: Shopper, random: Random) => Generator<ShopRequest, void>

/** Products that the shop's data has. */
const PRODUCTS = 200_000

/** Names of journeys with their share of all visits, in percent. */
const journeys: readonly (readonly [share: number, journey: Journey])[] = [
  [30, browsing],
  [20, searching],
  [20, buying],
  [10, leavingACart],
  [12, returning],
  [8, sharingLinks],
]

export function drawJourney(random: Random): Journey {
  let left = random() * journeys.reduce((sum, [share]) => sum + share, 0)
  return journeys.find(([share]) => (left -= share) < 0)?.[1] ?? browsing
}

function* browsing(_shopper: Shopper, random: Random): Generator<ShopRequest, void> {
  yield get('/', '/')
  yield listPage(random)
  for (let seen = wholeBetween(random, 1, 3); seen > 0; seen -= 1) yield productPage(random)
}

function* searching(_shopper: Shopper, random: Random): Generator<ShopRequest, void> {
  for (let tries = wholeBetween(random, 1, 2); tries > 0; tries -= 1) {
    yield get('/search', `/search?q=${encodeURIComponent(drawSearch(random))}`)
    yield productPage(random)
  }
}

function* buying(shopper: Shopper, random: Random): Generator<ShopRequest, void> {
  yield productPage(random)
  yield* fillCart(shopper, random)
  yield get('/cart/:id', `/cart/${shopper.cartId}`)
  if (random() < 0.5) yield coupon(shopper, random)
  // Who has nothing in the cart, because adding failed, has nothing to pay for.
  if (!shopper.hasItems) return
  yield post('/checkout', '/checkout', { cartId: shopper.cartId, card: drawCard(random) })
  if (shopper.orderId !== null) yield get('/orders/:id', `/orders/${shopper.orderId}`)
}

function* leavingACart(shopper: Shopper, random: Random): Generator<ShopRequest, void> {
  yield get('/', '/')
  yield* fillCart(shopper, random)
  yield coupon(shopper, random)
  yield get('/cart/:id', `/cart/${shopper.cartId}`)
}

function* returning(shopper: Shopper, random: Random): Generator<ShopRequest, void> {
  const email = `customer${shopper.account}@example.com`
  const isMistyped = random() < 0.1
  if (isMistyped) yield post('/login', '/login', { email, password: 'forgotten' })
  yield post('/login', '/login', { email, password: `password-${shopper.account}` })
  yield get('/accounts/:id/orders', `/accounts/${shopper.account}/orders`)
  yield productPage(random)
}

/** Short links: one of somebody's own that is handed around, or one that is printed on paper. */
function* sharingLinks(shopper: Shopper, random: Random): Generator<ShopRequest, void> {
  if (random() < 0.25) {
    yield get('/l/:code', `/l/${pickOne(random, PRINTED_LINKS)}`)
    return
  }
  yield post('/links', '/links', { url: `https://shop.example.com/products/${drawProduct(random)}` })
  if (shopper.linkCode === null) return
  for (let visits = wholeBetween(random, 1, 3); visits > 0; visits -= 1)
    yield get('/l/:code', `/l/${shopper.linkCode}`)
}

/** As `data/links.json` of the shop has them; the last is on last year's paper. */
const PRINTED_LINKS = ['sale', 'sale', 'help', 'returns', 'newsletter', 'app', 'spring24'] as const

/** Tries once more where the first try failed, as people do. */
function* fillCart(shopper: Shopper, random: Random): Generator<ShopRequest, void> {
  const wanted = wholeBetween(random, 1, 2)
  for (let tries = 0; tries < wanted || (tries === wanted && !shopper.hasItems); tries += 1) {
    const item = { productId: drawProduct(random), quantity: wholeBetween(random, 1, 3) }
    yield post('/cart/:id/items', `/cart/${shopper.cartId}/items`, item)
  }
}

function listPage(random: Random): ShopRequest {
  return get('/products', `/products?page=${wholeBetween(random, 1, 20)}`)
}

function productPage(random: Random): ShopRequest {
  // Now and then an old bookmark of something that is no longer sold.
  const id = random() < 0.01 ? PRODUCTS + wholeBetween(random, 1, 999) : drawProduct(random)
  return get('/products/:id', `/products/${id}`)
}

/** Few products are asked for often. */
function drawProduct(random: Random): number {
  return 1 + Math.floor(random() ** 3 * PRODUCTS)
}

const COUPONS = [
  'SUMMER25',
  'WELCOME',
  'FREESHIP',
  'BLACKFRIDAY',
  'save10',
  'LOYAL-2019',
  'STUDENT',
  ' XMAS',
] as const

function coupon(shopper: Shopper, random: Random): ShopRequest {
  const known = random() < 0.15
  const code = known ? 'WELCOME10' : `${pickOne(random, COUPONS)}${wholeBetween(random, 1, 99)}`
  return post('/cart/:id/coupon', `/cart/${shopper.cartId}/coupon`, { code })
}

const WORDS = [
  'lamp',
  'desk',
  'chair',
  'mug',
  'kettle',
  'blanket',
  'bag',
  'jacket',
  'boots',
  'watch',
  'bottle',
] as const
const KINDS = [
  'red',
  'blue',
  'small',
  'large',
  'wooden',
  'steel',
  'wool',
  'light',
  'classic',
  'modern',
] as const
/** What people really type: pasted titles, stray signs, other alphabets. */
const ODD_SEARCHES = [
  'lamp (warm white), 2-pack!',
  'desk 120 x 60 cm  ',
  "men's jacket",
  'kaffeekanne grün',
  '50% wool blanket',
  'steel bottle steel bottle steel bottle steel bottle steel!',
  'large wooden desk with drawers and a lamp and a chair and a shelf - white/oak ...',
  'コート',
  'mug 🎁',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!',
  '        boots',
] as const

function drawSearch(random: Random): string {
  if (random() < 0.08) return pickOne(random, ODD_SEARCHES)
  const word = pickOne(random, WORDS)
  return random() < 0.5 ? word : `${pickOne(random, KINDS)} ${word}`
}

/** Numbers that card networks set aside for tests; the second kind is declined: an answer, not a failure. */
function drawCard(random: Random): string {
  return random() < 0.02 ? '4000000000000002' : '4242424242424242'
}
