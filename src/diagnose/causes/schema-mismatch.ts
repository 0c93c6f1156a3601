import type { Cause } from './cause.ts'
import { errorOf, observed, placeOf, triggerOf } from './cause.ts'

export const schemaMismatch: Cause = {
  id: 'schema-mismatch',
  title: 'Code and database schema do not agree',
  symptoms: [
    'A table or column that the code names does not exist',
    'It begins with a release or a migration',
    'Every request that touches the table fails',
  ],
  investigation: [
    { what: 'Which migrations ran?', command: 'SELECT * FROM schema_migrations ORDER BY 1 DESC LIMIT 5;' },
    { what: 'The table as it is', command: '\\d TABLE' },
    { what: 'Which commit brought the name in?', command: 'git log -S"COLUMN" --oneline' },
  ],
  immediateFix: ['Run the missing migration, or roll back the code to the release that fits the schema'],
  permanentFix: [
    'Change schemas in steps that both versions of the code can live with: add, fill, use, and only then remove',
  ],
  verify: [
    'The statement at {place} succeeds',
    'Schema version of the database = schema version that the code expects',
  ],
  prevention: [
    'Refuse to start when migrations are pending',
    'A pipeline step that runs old code against the new schema, and new code against the old',
    'Migrations run before the release, in the same pipeline',
  ],
  chain: (context) => [
    triggerOf(context, 'a release and its migration went separate ways'),
    placeOf(context, 'the database schema'),
    observed(context, 'schema-mismatch-error') ?? errorOf(context),
    context.impact,
  ],
  summary: (context) =>
    `The code expects a schema that the database does not have: ${errorOf(context, observed(context, 'schema-mismatch-error') ?? 'a name is unknown')}. ${context.impact}.`,
}
