import type { Language, Program, Query, Store } from './model.ts'
import { indented, pascal, sqlOf } from './model.ts'

export const go: Language = {
  name: 'go',
  root: '/src/shop',
  files: (program) =>
    new Map([
      ['internal/db/pool.go', poolFile(program)],
      [
        'go.mod',
        `module acme.example/shop\n\ngo 1.22\n\nrequire (\n\tgithub.com/jackc/pgx/v5 v${program.driverVersion}\n\tgithub.com/go-chi/chi/v5 v5.0.12\n)\n`,
      ],
      ...program.stores.map((store) => [`internal/${store.entity}/store.go`, storeFile(store)] as const),
      ...program.stores.map((store) => [`internal/${store.entity}/handlers.go`, handlerFile(store)] as const),
    ]),
  testFile: (entity, note) => [
    `internal/${entity}/store_test.go`,
    `package ${entity}\n\nimport "testing"\n\n// ${note}\nfunc TestStore(t *testing.T) {\n}\n`,
  ],
  places: ({ verb, entity }) => [
    {
      file: `internal/${entity}/store.go`,
      function: `acme.example/shop/internal/${entity}.(*Store).${pascal(verb, entity)}`,
      head: `) ${pascal(verb, entity)}(`,
      text: 'panic(fmt.Errorf("acquire connection',
    },
    {
      file: `internal/${entity}/handlers.go`,
      function: `acme.example/shop/internal/${entity}.(*Handlers).${pascal(verb)}`,
      head: `) ${pascal(verb)}(`,
      text: `h.store.${pascal(verb, entity)}(`,
    },
  ],
  starving: {
    type: 'panic',
    message: 'acquire connection: pool exhausted: context deadline exceeded',
    library: [
      {
        file: '/go/pkg/mod/github.com/jackc/pgx/v5@v5.5.3/pgxpool/pool.go',
        line: 511,
        function: 'github.com/jackc/pgx/v5/pgxpool.(*Pool).Acquire',
      },
    ],
  },
  trace: (frames, { message }) =>
    [
      `panic: ${message}`,
      '',
      'goroutine 871 [running]:',
      ...frames.flatMap(({ file, line, function: name }) => [
        `${name}(0xc0001a2000)`,
        `\t${file}:${line} +0x1d2`,
      ]),
    ].join('\n'),
}

function poolFile(program: Program): string {
  return `package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	maxConns       = ${program.poolSize}
	acquireTimeout = ${program.poolTimeoutMs} * time.Millisecond
)

// Open makes the one pool of the process.
func Open(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = maxConns
	return pgxpool.NewWithConfig(ctx, config)
}
`
}

function storeFile(store: Store): string {
  const helper = store.helper
    ? [
        '',
        '// normal makes keys comparable.',
        'func normal(key string) string {',
        '\treturn strings.ToLower(strings.TrimSpace(key))',
        '}',
      ]
    : []
  const head = [
    `package ${store.entity}`,
    '',
    'import (',
    '\t"context"',
    '\t"fmt"',
    '\t"log/slog"',
    ')',
    '',
    '// Store reads from the database.',
    'type Store struct {',
    '\tpool *pgxpool.Pool',
    '}',
  ]
  return `${[...head, ...helper, ...store.queries.flatMap((query) => ['', ...queryLines(query)])].join('\n')}\n`
}

function queryLines(query: Query): string[] {
  const { entity, variable: conn, idiom } = query
  const name = pascal(entity)
  const take = [
    `${conn}, err := s.pool.Acquire(ctx)`,
    'if err != nil {',
    '\tpanic(fmt.Errorf("acquire connection: %w", err))',
    '}',
  ]
  const fetch = [
    `row := ${conn}.QueryRow(ctx, "${sqlOf(query, '$1')}", key)`,
    `var found ${name}`,
    'if err := row.Scan(&found); err != nil {',
    `\treturn nil, fmt.Errorf("${query.verb} ${entity}: %w", err)`,
    '}',
  ]
  const log = query.logs ? [`slog.InfoContext(ctx, "${query.verb} ${entity}", "key", key)`] : []
  const check = query.validates ? ['if key == "" {', `\treturn nil, fmt.Errorf("no ${entity} key")`, '}'] : []
  const comment = query.comment === null ? [] : [`// ${query.comment}`]
  const quiet = [
    `row := ${conn}.QueryRow(ctx, "${sqlOf(query, '$1')}", key)`,
    `var found ${name}`,
    'scanErr := row.Scan(&found)',
  ]
  const body: Record<typeof idiom, string[]> = {
    scoped: [...take, `defer ${conn}.Release()`, ...fetch, ...log, 'return &found, nil'],
    finally: [
      ...take,
      'defer func() {',
      `\t${conn}.Release()`,
      '}()',
      ...fetch,
      ...log,
      'return &found, nil',
    ],
    'never-released': [...take, ...fetch, ...log, 'return &found, nil'],
    'released-at-the-end': [...take, ...fetch, ...log, `${conn}.Release()`, 'return &found, nil'],
    'early-return': [
      ...take,
      ...quiet,
      'if scanErr != nil {',
      '\treturn nil, scanErr',
      '}',
      ...log,
      `${conn}.Release()`,
      'return &found, nil',
    ],
    'released-on-success': [
      ...take,
      ...quiet,
      'if scanErr == nil {',
      `\t${conn}.Release()`,
      '}',
      ...log,
      'return &found, scanErr',
    ],
  }
  return [
    `// ${pascal(query.verb)} looks ${entity}s up.`,
    `func (s *Store) ${pascal(query.verb, entity)}(ctx context.Context, key string) (*${name}, error) {`,
    ...indented([...comment, ...check, ...body[idiom]], '\t'),
    '}',
  ]
}

function handlerFile(store: Store): string {
  const name = pascal(store.entity)
  const handlers = store.queries.flatMap((query) => [
    '',
    `func (h *Handlers) ${pascal(query.verb)}(w http.ResponseWriter, r *http.Request) {`,
    `\tfound, err := h.store.${pascal(query.verb, store.entity)}(r.Context(), chi.URLParam(r, "key"))`,
    '\tif err != nil {',
    '\t\thttp.Error(w, err.Error(), http.StatusInternalServerError)',
    '\t\treturn',
    '\t}',
    '\trender.JSON(w, r, found)',
    '}',
  ])
  return `${[`package ${store.entity}`, '', 'import "net/http"', '', `// Handlers answer for ${name}s.`, 'type Handlers struct {', '\tstore *Store', '}', ...handlers].join('\n')}\n`
}
