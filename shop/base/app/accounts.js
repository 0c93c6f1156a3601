export async function findAccount(database, email) {
  const { rows } = await database.query(
    `SELECT id, name, password_salt AS salt, password_hash AS hash FROM accounts WHERE email = $1`,
    [email],
  )
  return rows[0] ?? null
}
