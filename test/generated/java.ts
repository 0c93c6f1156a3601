import type { Language, Program, Query, Store } from './model.ts'
import { camel, indented, pascal, sqlOf } from './model.ts'

const FOLDER = 'src/main/java/com/acme/shop'

export const java: Language = {
  name: 'java',
  root: '',
  files: (program) =>
    new Map([
      [`${FOLDER}/Pool.java`, poolFile(program)],
      ['pom.xml', pomFile(program)],
      ...program.stores.map(
        (store) => [`${FOLDER}/${pascal(store.entity)}Store.java`, storeFile(store)] as const,
      ),
      ...program.stores.map(
        (store) => [`${FOLDER}/${pascal(store.entity)}Controller.java`, controllerFile(store)] as const,
      ),
    ]),
  testFile: (entity, note) => [
    `src/test/java/com/acme/shop/${pascal(entity)}StoreTest.java`,
    `package com.acme.shop;\n\nclass ${pascal(entity)}StoreTest {\n    // ${note}\n    void finds() {\n    }\n}\n`,
  ],
  places: ({ verb, entity }) => [
    {
      file: `${FOLDER}/${pascal(entity)}Store.java`,
      function: `com.acme.shop.${pascal(entity)}Store.${camel(verb, entity)}`,
      head: `${camel(verb, entity)}(String key)`,
      text: 'dataSource.getConnection()',
    },
    {
      file: `${FOLDER}/${pascal(entity)}Controller.java`,
      function: `com.acme.shop.${pascal(entity)}Controller.${camel(verb)}`,
      head: `${camel(verb)}(@PathVariable`,
      text: `store.${camel(verb, entity)}(`,
    },
  ],
  starving: {
    type: 'java.sql.SQLTransientConnectionException',
    message: 'HikariPool-1 - Connection is not available, request timed out after 30000ms.',
    library: [
      {
        file: 'HikariPool.java',
        line: 696,
        function: 'com.zaxxer.hikari.pool.HikariPool.createTimeoutException',
      },
      { file: 'HikariPool.java', line: 197, function: 'com.zaxxer.hikari.pool.HikariPool.getConnection' },
      {
        file: 'HikariDataSource.java',
        line: 100,
        function: 'com.zaxxer.hikari.HikariDataSource.getConnection',
      },
    ],
  },
  trace: (frames, { type, message }) =>
    [
      `${type}: ${message}`,
      ...frames.map(
        ({ file, line, function: name }) => `\tat ${name}(${file.slice(file.lastIndexOf('/') + 1)}:${line})`,
      ),
      '\tat org.springframework.web.servlet.FrameworkServlet.doGet(FrameworkServlet.java:903)',
    ].join('\n'),
}

function poolFile(program: Program): string {
  return `package com.acme.shop;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

public final class Pool {
    public static HikariDataSource create(String url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(${program.poolSize});
        config.setConnectionTimeout(${program.poolTimeoutMs});
        return new HikariDataSource(config);
    }
}
`
}

function pomFile(program: Program): string {
  return `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.acme</groupId>
  <artifactId>shop</artifactId>
  <dependencies>
    <dependency>
      <groupId>org.postgresql</groupId>
      <artifactId>postgresql</artifactId>
      <version>${program.driverVersion}</version>
    </dependency>
  </dependencies>
</project>
`
}

function storeFile(store: Store): string {
  const name = pascal(store.entity)
  const helper = store.helper
    ? ['', 'static String keyOf(String raw) {', '    return raw.trim().toLowerCase();', '}']
    : []
  const members = [
    'private static final Logger log = LoggerFactory.getLogger(' + name + 'Store.class);',
    'private final DataSource dataSource;',
    '',
    `public ${name}Store(DataSource dataSource) {`,
    '    this.dataSource = dataSource;',
    '}',
    ...helper,
    ...store.queries.flatMap((query) => ['', ...queryLines(query)]),
  ]
  const head = [
    'package com.acme.shop;',
    '',
    'import java.sql.*;',
    'import javax.sql.DataSource;',
    'import org.slf4j.*;',
    '',
  ]
  return `${[...head, `public class ${name}Store {`, ...indented(members, '    '), '}'].join('\n')}\n`
}

function queryLines(query: Query): string[] {
  const { entity, variable: conn, idiom } = query
  const name = pascal(entity)
  const fetch = [
    `PreparedStatement statement = ${conn}.prepareStatement("${sqlOf(query, '?')}");`,
    'statement.setString(1, key);',
    'ResultSet rows = statement.executeQuery();',
  ]
  const log = query.logs ? [`log.info("${query.verb} ${entity} {}", key);`] : []
  const check = query.validates
    ? ['if (key == null) {', `    throw new IllegalArgumentException("no ${entity} key");`, '}']
    : []
  const comment = query.comment === null ? [] : [`// ${query.comment}`]
  const answer = `return rows.next() ? ${name}.of(rows) : null;`
  const take = `Connection ${conn} = dataSource.getConnection();`
  const body: Record<typeof idiom, string[]> = {
    scoped: [
      `try (Connection ${conn} = dataSource.getConnection()) {`,
      ...indented([...fetch, ...log, answer], '    '),
      '}',
    ],
    finally: [
      take,
      'try {',
      ...indented([...fetch, ...log, answer], '    '),
      '} finally {',
      `    ${conn}.close();`,
      '}',
    ],
    'never-released': [take, ...fetch, ...log, answer],
    'released-at-the-end': [
      take,
      ...fetch,
      ...log,
      `${name} found = rows.next() ? ${name}.of(rows) : null;`,
      `${conn}.close();`,
      'return found;',
    ],
    'early-return': [
      take,
      ...fetch,
      'if (!rows.next()) {',
      '    return null;',
      '}',
      ...log,
      `${name} found = ${name}.of(rows);`,
      `${conn}.close();`,
      'return found;',
    ],
    'released-on-success': [
      take,
      'try {',
      ...indented(
        [
          ...fetch,
          ...log,
          `${name} found = rows.next() ? ${name}.of(rows) : null;`,
          `${conn}.close();`,
          'return found;',
        ],
        '    ',
      ),
      '} catch (SQLException e) {',
      `    log.error("${query.verb} ${entity} failed", e);`,
      '    throw e;',
      '}',
    ],
  }
  return [
    `public ${name} ${camel(query.verb, entity)}(String key) throws SQLException {`,
    ...indented([...comment, ...check, ...body[idiom]], '    '),
    '}',
  ]
}

function controllerFile(store: Store): string {
  const name = pascal(store.entity)
  const members = store.queries.flatMap((query) => [
    '',
    `@GetMapping("/${store.entity}s/${query.verb}/{key}")`,
    `public ${name} ${camel(query.verb)}(@PathVariable String key) throws SQLException {`,
    `    return store.${camel(query.verb, store.entity)}(key);`,
    '}',
  ])
  const head = ['package com.acme.shop;', '', 'import java.sql.SQLException;', '']
  const fields = [`private final ${name}Store store;`]
  return `${[...head, `public class ${name}Controller {`, ...indented([...fields, ...members], '    '), '}'].join('\n')}\n`
}
