import type { Regression } from './regression.ts'

/** Realistic ways in which the library of `parcel-python.ts` stopped working. */
export const pythonRegressions: readonly Regression[] = [
  {
    name: 'renamed option',
    subject: 'Name options as the service does',
    change: { 'parcels/options.py': ['"timeout_s": 5,', '"request_timeout": 5,'] },
    later: [
      [
        'Say where it asks',
        {
          'parcels/client.py': [
            '        url = self',
            '        # Paths begin with a slash.\n        url = self',
          ],
        },
      ],
    ],
    type: 'KeyError',
    message: "'timeout_s'",
    frames: [
      ['parcels/client.py', 'self.options["timeout_s"]', 'request'],
      ['parcels/pages.py', 'client.request(path', 'pages'],
      ['parcels/pages.py', 'list(pages(', 'collect'],
    ],
  },
  {
    name: 'changed return shape',
    subject: 'Say how long an answer took',
    change: {
      'parcels/response.py': [
        'return Answer(response.status_code, response.json(), response.headers.get("etag"))',
        'return (*Answer(response.status_code, response.json(), response.headers.get("etag")), response.elapsed)',
      ],
    },
    later: [
      [
        'Stop at an empty cursor too',
        { 'parcels/pages.py': ['        if cursor is None:', '        if not cursor:'] },
      ],
    ],
    type: 'ValueError',
    message: 'too many values to unpack (expected 3)',
    frames: [
      ['parcels/pages.py', 'status, body, etag =', 'pages'],
      ['parcels/pages.py', 'list(pages(', 'collect'],
    ],
  },
  {
    name: 'off by one',
    subject: 'Count cells from one',
    change: { 'parcels/table.py': ['enumerate(names)}', 'enumerate(names, 1)}'] },
    later: [
      [
        'Read tables with a comment',
        {
          'parcels/table.py': [
            '    head, *lines = text.splitlines()',
            '    head, *lines = [line for line in text.splitlines() if line[:1] != "#"]',
          ],
        },
      ],
    ],
    type: 'IndexError',
    message: 'list index out of range',
    frames: [
      ['parcels/table.py', 'cells[index].strip()', 'parse_row'],
      ['parcels/table.py', 'for line in lines]', 'parse_table'],
    ],
  },
  {
    name: 'changed pattern',
    subject: 'Read days with a leading zero alone',
    change: { 'parcels/dates.py': ['(?P<day>\\d{1,2})', '(?P<day>\\d{2})'] },
    later: [
      [
        'Print years alone',
        {
          'parcels/dates.py': [
            '    if pattern == "day":',
            '    if pattern == "year":\n        return str(when.year)\n    if pattern == "day":',
          ],
        },
      ],
    ],
    type: 'TypeError',
    message: "'NoneType' object is not subscriptable",
    frames: [['parcels/dates.py', 'found["year"]', 'parse_date']],
  },
  {
    name: 'changed error type',
    subject: 'Raise what requests raises',
    change: {
      'parcels/errors.py': [
        '        self.response = response\n',
        '        self.status_code = response.status_code\n',
      ],
    },
    later: [
      [
        'Explain what is temporary',
        {
          'parcels/retry.py': [
            'def is_temporary(error):\n',
            'def is_temporary(error):\n    """Later may be better."""\n',
          ],
        },
      ],
    ],
    type: 'AttributeError',
    message: "'HttpError' object has no attribute 'response'",
    frames: [
      ['parcels/retry.py', 'error.response.status_code', 'is_temporary'],
      ['parcels/retry.py', 'not is_temporary(error)', 'retry'],
      ['parcels/client.py', 'response = retry(', 'request'],
    ],
  },
  {
    name: 'stricter validation',
    subject: 'Take numbers for integers only',
    change: {
      'parcels/validate.py': ['lambda value: str(value).isdigit(),', 'lambda value: isinstance(value, int),'],
    },
    later: [
      ['List the rules', { 'parcels/validate.py': ['def check(', 'KNOWN = sorted(RULES)\n\n\ndef check('] }],
    ],
    type: 'ValidationError',
    message: 'expected integer for limit',
    frames: [['parcels/validate.py', 'raise ValidationError(', 'check']],
  },
  {
    name: 'data built elsewhere',
    subject: 'Call parcels by what the post calls them',
    change: { 'parcels/tariffs.py': ['"large": {"base": 900', '"bulky": {"base": 950'] },
    later: [
      ['New prices', { 'parcels/tariffs.py': ['"base": 450', '"base": 480'] }],
      [
        'Round prices',
        {
          'parcels/price.py': [
            '    return tariff["base"] + tariff["per_kilo"] * parcel.kilos',
            '    return round(tariff["base"] + tariff["per_kilo"] * parcel.kilos)',
          ],
        },
      ],
    ],
    type: 'KeyError',
    message: "'large'",
    frames: [
      ['parcels/price.py', 'TARIFFS[parcel.size]', 'price_of'],
      ['parcels/price.py', 'sum(price_of', 'total_of'],
    ],
  },
  {
    name: 'another shape of what is kept',
    subject: 'Keep several parcels of one id',
    change: {
      'parcels/stock.py': [
        '        self.parcels[parcel.id] = parcel\n',
        '        self.parcels.setdefault(parcel.id, []).append(parcel)\n',
      ],
    },
    later: [['Hold more parcels', { 'parcels/stock.py': ['limit=100', 'limit=500'] }]],
    type: 'AttributeError',
    message: "'list' object has no attribute 'state'",
    frames: [['parcels/stock.py', 'sorted(parcel.state', 'states']],
  },
  {
    name: 'swapped parameters',
    subject: 'Say the pattern first',
    change: { 'parcels/dates.py': ['def format_date(when, pattern):', 'def format_date(pattern, when):'] },
    later: [['Print states in capitals', { 'parcels/table.py': ['parcel.state]', 'parcel.state.upper()]'] }]],
    type: 'AttributeError',
    message: "'str' object has no attribute 'month'",
    frames: [
      ['parcels/dates.py', 'when.month - 1', 'format_date'],
      ['parcels/table.py', 'format_date(parcel', 'format_row'],
    ],
  },
  {
    name: 'bumped dependency',
    subject: 'Newer libraries',
    change: { 'pyproject.toml': ['"tinyyaml>=1.4"', '"tinyyaml>=2.0"'] },
    later: [['Require requests 2.32', { 'pyproject.toml': ['"requests>=2.31"', '"requests>=2.32"'] }]],
    type: 'AttributeError',
    message: "'str' object has no attribute 'read'",
    frames: [['parcels/settings.py', 'tinyyaml.load(text)', 'read_settings']],
    library: [['/usr/lib/python3/dist-packages/tinyyaml/reader.py', 41, 'load']],
  },
]
