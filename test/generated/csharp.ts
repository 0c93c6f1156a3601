import type { Language, Program, Query, Store } from './model.ts'
import { indented, pascal, sqlOf } from './model.ts'

export const csharp: Language = {
  name: 'csharp',
  root: '/src',
  files: (program) =>
    new Map([
      ['src/Shop/Database.cs', poolFile(program)],
      [
        'src/Shop/Shop.csproj',
        `<Project Sdk="Microsoft.NET.Sdk.Web">\n  <ItemGroup>\n    <PackageReference Include="Npgsql" Version="${program.driverVersion}" />\n    <PackageReference Include="Serilog" Version="3.1.1" />\n  </ItemGroup>\n</Project>\n`,
      ],
      ...program.stores.map(
        (store) => [`src/Shop/Stores/${pascal(store.entity)}Store.cs`, storeFile(store)] as const,
      ),
      ...program.stores.map(
        (store) =>
          [`src/Shop/Controllers/${pascal(store.entity)}Controller.cs`, controllerFile(store)] as const,
      ),
    ]),
  testFile: (entity, note) => [
    `tests/Shop.Tests/${pascal(entity)}StoreTests.cs`,
    `namespace Shop.Tests;\n\npublic class ${pascal(entity)}StoreTests\n{\n    // ${note}\n    [Fact]\n    public void Finds()\n    {\n    }\n}\n`,
  ],
  places: ({ verb, entity }) => [
    {
      file: `src/Shop/Stores/${pascal(entity)}Store.cs`,
      function: `Shop.Stores.${pascal(entity)}Store.${pascal(verb, entity)}Async`,
      head: ` ${pascal(verb, entity)}Async(`,
      text: '_source.OpenConnectionAsync()',
    },
    {
      file: `src/Shop/Controllers/${pascal(entity)}Controller.cs`,
      function: `Shop.Controllers.${pascal(entity)}Controller.${pascal(verb)}`,
      head: ` ${pascal(verb)}(`,
      text: `_store.${pascal(verb, entity)}Async(`,
    },
  ],
  starving: {
    type: 'Npgsql.NpgsqlException',
    message:
      'The connection pool has been exhausted, either raise MaxPoolSize (currently 20) or Timeout (currently 15 seconds)',
    library: [
      {
        file: '',
        line: 0,
        function: 'Npgsql.PoolingDataSource.<Get>g__RentAsync|34_0(NpgsqlConnection conn)',
      },
    ],
  },
  trace: (frames, { type, message }) =>
    [
      `Unhandled exception. ${type}: ${message}`,
      ...frames.map(({ file, line, function: name }) =>
        file === '' ? `   at ${name}` : `   at ${name}(String key) in ${file}:line ${line}`,
      ),
      '   at Microsoft.AspNetCore.Mvc.Infrastructure.ActionMethodExecutor.TaskOfIActionResultExecutor.Execute()',
    ].join('\n'),
}

function poolFile(program: Program): string {
  return `using Npgsql;

namespace Shop;

public static class Database
{
    public static NpgsqlDataSource Create(string url)
    {
        var builder = new NpgsqlConnectionStringBuilder(url)
        {
            MaxPoolSize = ${program.poolSize},
            Timeout = ${Math.ceil(program.poolTimeoutMs / 1000)},
        };
        return NpgsqlDataSource.Create(builder);
    }
}
`
}

function storeFile(store: Store): string {
  const name = pascal(store.entity)
  const helper = store.helper
    ? ['', 'private static string Normal(string key)', '{', '    return key.Trim().ToLowerInvariant();', '}']
    : []
  const members = [
    'private readonly NpgsqlDataSource _source;',
    'private readonly ILogger _log;',
    '',
    `public ${name}Store(NpgsqlDataSource source, ILogger log)`,
    '{',
    '    _source = source;',
    '    _log = log;',
    '}',
    ...helper,
    ...store.queries.flatMap((query) => ['', ...queryLines(query)]),
  ]
  return `${['using Dapper;', 'using Npgsql;', '', 'namespace Shop.Stores;', '', `public class ${name}Store`, '{', ...indented(members, '    '), '}'].join('\n')}\n`
}

function queryLines(query: Query): string[] {
  const { entity, variable: conn, idiom } = query
  const name = pascal(entity)
  const open = 'await _source.OpenConnectionAsync()'
  const fetch = [
    `var found = await ${conn}.QuerySingleOrDefaultAsync<${name}>("${sqlOf(query, '@key')}", new { key });`,
  ]
  const log = query.logs ? [`_log.LogInformation("${query.verb} ${entity} {Key}", key);`] : []
  const check = query.validates
    ? ['if (string.IsNullOrEmpty(key))', '{', `    throw new ArgumentException("no ${entity} key");`, '}']
    : []
  const comment = query.comment === null ? [] : [`// ${query.comment}`]
  const take = `var ${conn} = ${open};`
  const block = (head: string, lines: readonly string[]): string[] => [
    head,
    '{',
    ...indented(lines, '    '),
    '}',
  ]
  const body: Record<typeof idiom, string[]> = {
    scoped: [`await using var ${conn} = ${open};`, ...fetch, ...log, 'return found;'],
    finally: [
      take,
      ...block('try', [...fetch, ...log, 'return found;']),
      ...block('finally', [`await ${conn}.CloseAsync();`]),
    ],
    'never-released': [take, ...fetch, ...log, 'return found;'],
    'released-at-the-end': [take, ...fetch, ...log, `await ${conn}.DisposeAsync();`, 'return found;'],
    'early-return': [
      take,
      ...fetch,
      ...block('if (found == null)', ['return null;']),
      ...log,
      `await ${conn}.DisposeAsync();`,
      'return found;',
    ],
    'released-on-success': [
      take,
      ...block('try', [...fetch, ...log, `await ${conn}.DisposeAsync();`, 'return found;']),
      ...block('catch (NpgsqlException error)', [
        `_log.LogError(error, "${query.verb} ${entity} failed");`,
        'throw;',
      ]),
    ],
  }
  return [
    `public async Task<${name}?> ${pascal(query.verb, entity)}Async(string key)`,
    '{',
    ...indented([...comment, ...check, ...body[idiom]], '    '),
    '}',
  ]
}

function controllerFile(store: Store): string {
  const name = pascal(store.entity)
  const members = [
    `private readonly ${name}Store _store;`,
    ...store.queries.flatMap((query) => [
      '',
      `[HttpGet("${store.entity}s/${query.verb}/{key}")]`,
      `public async Task<${name}?> ${pascal(query.verb)}(string key)`,
      '{',
      `    return await _store.${pascal(query.verb, store.entity)}Async(key);`,
      '}',
    ]),
  ]
  return `${['namespace Shop.Controllers;', '', `public class ${name}Controller : ControllerBase`, '{', ...indented(members, '    '), '}'].join('\n')}\n`
}
