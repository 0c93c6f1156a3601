import pg from 'pg'

/** Connects, does, and closes; a server that ends meanwhile is the caller's error, not the process' end. */
export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await openClient(url)
  try {
    return await use(client)
  } finally {
    await client.end().catch(() => {})
  }
}

export async function openClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {}) // queries under way are rejected with it
  await client.connect()
  return client
}
