/** The client library of `parcel-javascript.ts` in Python, as it stood when it worked. Regressions are edits of it. */
export const parcelPython: Readonly<Record<string, string>> = {
  'pyproject.toml': `[project]
name = "parcels"
dependencies = [
    "tinyyaml>=1.4",
    "requests>=2.31",
]
`,
  'README.md': '# Parcels\n\nAsks the parcel service.\n',
  'parcels/__init__.py': 'from .client import Client\n',
  'parcels/options.py': `DEFAULTS = {
    "base_url": "https://parcels.example",
    "timeout_s": 5,
    "headers": {},
    "retries": 2,
}


def normalize_options(given):
    options = {**DEFAULTS, **given}
    if options["retries"] < 0:
        raise ValueError("retries must not be negative")
    return options
`,
  'parcels/client.py': `from .options import normalize_options
from .response import read_response
from .retry import retry


class Client:
    def __init__(self, session, **options):
        self.session = session
        self.options = normalize_options(options)

    def request(self, path, params=None):
        url = self.options["base_url"] + path
        timeout = self.options["timeout_s"]
        response = retry(lambda: self.session.get(url, params=params, timeout=timeout), self.options)
        return read_response(response)
`,
  'parcels/response.py': `from collections import namedtuple

from .errors import HttpError

Answer = namedtuple("Answer", ["status", "body", "etag"])


def read_response(response):
    if response.status_code >= 400:
        raise HttpError(response)
    return Answer(response.status_code, response.json(), response.headers.get("etag"))
`,
  'parcels/errors.py': `class HttpError(Exception):
    def __init__(self, response):
        super().__init__(f"the service answered {response.status_code}")
        self.response = response


class ValidationError(Exception):
    pass
`,
  'parcels/retry.py': `from .errors import HttpError


def retry(call, options):
    attempt = 0
    while True:
        try:
            return call()
        except HttpError as error:
            if attempt >= options["retries"] or not is_temporary(error):
                raise
            attempt += 1


def is_temporary(error):
    return error.response.status_code >= 500
`,
  'parcels/pages.py': `def pages(client, path):
    cursor = None
    while True:
        status, body, etag = client.request(path, {"cursor": cursor})
        yield from body["items"]
        cursor = body.get("next")
        if cursor is None:
            return


def collect(client, path):
    return list(pages(client, path))
`,
  'parcels/table.py': `from .dates import format_date


def parse_table(text):
    head, *lines = text.splitlines()
    names = head.split(",")
    return [parse_row(names, line) for line in lines]


def parse_row(names, line):
    cells = line.split(",")
    return {name: cells[index].strip() for index, name in enumerate(names)}


def format_row(parcel):
    return ",".join([parcel.id, format_date(parcel.sent_at, "day"), parcel.state])
`,
  'parcels/dates.py': `import re
from datetime import date

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
DAY = re.compile(r"(?P<day>\\d{1,2}) (?P<month>\\w{3}) (?P<year>\\d{4})")


def parse_date(text):
    found = DAY.match(text)
    return date(int(found["year"]), MONTHS.index(found["month"]) + 1, int(found["day"]))


def format_date(when, pattern):
    month = MONTHS[when.month - 1]
    if pattern == "day":
        return f"{when.day} {month} {when.year}"
    return f"{month} {when.year}"
`,
  'parcels/tariffs.py': `TARIFFS = {
    "letter": {"base": 120, "per_kilo": 0},
    "small": {"base": 450, "per_kilo": 90},
    "large": {"base": 900, "per_kilo": 140},
}
`,
  'parcels/price.py': `from .tariffs import TARIFFS


def price_of(parcel):
    tariff = TARIFFS[parcel.size]
    return tariff["base"] + tariff["per_kilo"] * parcel.kilos


def total_of(parcels):
    return sum(price_of(parcel) for parcel in parcels)
`,
  'parcels/validate.py': `from .errors import ValidationError

RULES = {
    "integer": lambda value: str(value).isdigit(),
    "text": lambda value: isinstance(value, str),
}


def check(schema, value):
    for name, rule in schema.items():
        if not RULES[rule](value[name]):
            raise ValidationError(f"expected {rule} for {name}")
    return value
`,
  'parcels/stock.py': `class Stock:
    def __init__(self, limit=100):
        self.limit = limit
        self.parcels = {}

    def add(self, parcel):
        if len(self.parcels) >= self.limit:
            self.evict()
        self.parcels[parcel.id] = parcel

    def evict(self):
        oldest = next(iter(self.parcels))
        del self.parcels[oldest]

    def states(self):
        return sorted(parcel.state for parcel in self.parcels.values())
`,
  'parcels/settings.py': `import tinyyaml


def read_settings(text):
    document = tinyyaml.load(text)
    return {"base_url": document["service"]["url"], "retries": document["service"]["retries"]}
`,
  'tests/test_price.py': `from parcels.price import price_of


def test_letters_cost_the_same(letter):
    assert price_of(letter) == 120
`,
}
