/** What the app needs to know, read once at start. Times are milliseconds. */
export function readConfig(env) {
  return {
    host: env.HOST ?? '127.0.0.1',
    port: Number(env.PORT ?? 3000),
    instance: env.INSTANCE ?? 'app',
    version: env.SERVICE_VERSION ?? 'unknown',
    database: {
      url: required(env, 'DATABASE_URL'),
      poolMax: Number(env.POOL_MAX ?? 40),
      connectTimeoutMs: Number(env.POOL_TIMEOUT_MS ?? 5000),
      idleTimeoutMs: 10_000,
      statementTimeoutMs: 20_000,
    },
    payment: {
      url: required(env, 'PAYMENT_URL'),
      caFile: env.PAYMENT_CA_FILE ?? null,
      timeoutMs: Number(env.PAYMENT_TIMEOUT_MS ?? 10_000),
    },
    mail: {
      url: required(env, 'MAIL_URL'),
      timeoutMs: 2000,
    },
  }
}

function required(env, name) {
  const value = env[name]
  if (value === undefined || value === '') throw new Error(`missing configuration: ${name} is not set`)
  return value
}
