import type { HistoryStep } from '../git-history.ts'

/** The user's third document: version 2 reads its JSON file with `json.loads(f)`, among other edits. */
const VERSION_1 = `import json
import os

from flask import Flask, abort, redirect, render_template_string, request, url_for

application = Flask(__name__)
URLS_FILE = os.environ.get("URLS_FILE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "urls.json"))

PAGE = """<!doctype html>
<title>URL shortener</title>
<h1>Shorten a URL</h1>
<form action="/your-url" method="post">
  <input name="url"><input name="code"><button>Shorten</button>
</form>
<p>{{ count }} short URLs so far</p>
"""


def read_urls():
    if not os.path.exists(URLS_FILE):
        return {}
    with open(URLS_FILE) as urls_file:
        urls = json.load(urls_file)
    return urls


def write_urls(urls):
    with open(URLS_FILE, "w") as urls_file:
        json.dump(urls, urls_file)


@application.route("/")
def home():
    return render_template_string(PAGE, count=len(read_urls()))


@application.route("/your-url", methods=["POST"])
def your_url():
    urls = read_urls()
    code = request.form["code"]
    if code in urls:
        return redirect(url_for("home"))
    urls[code] = {"url": request.form["url"]}
    write_urls(urls)
    return f"short: /{code}"


@application.route("/health")
def health():
    return {"status": "ok"}


@application.route("/<string:code>")
def redirect_to_url(code):
    urls = read_urls()
    if code in urls:
        return redirect(urls[code]["url"])
    return abort(404)


if __name__ == "__main__":
    application.run(host="127.0.0.1", port=int(os.environ.get("PORT", "5000")))
`

export const CULPRIT_STEP = 5

export const urlShortener: readonly HistoryStep[] = [
  {
    message: 'URL shortener, first version',
    files: {
      'application.py': VERSION_1,
      'urls.json': '{"docs": {"url": "https://example.com/docs"}}\n',
      'README.md': '# URL shortener\n',
    },
  },
  {
    message: 'Describe how to run it',
    files: { 'README.md': '# URL shortener\n\n    python application.py\n' },
  },
  { message: 'Ignore caches and logs', files: { '.gitignore': '__pycache__/\n*.log\n' }, tag: 'v1' },
  {
    message: 'Show the count in bold',
    edits: [
      [
        'application.py',
        '<p>{{ count }} short URLs so far</p>',
        '<p><b>{{ count }}</b> short URLs so far</p>',
      ],
    ],
  },
  {
    message: 'Name the form field',
    edits: [
      [
        'application.py',
        '<input name="url"><input name="code">',
        '<input name="url" placeholder="URL"><input name="code" placeholder="short name">',
      ],
    ],
  },
  {
    message: 'Tidy up reading and writing of URLs',
    edits: [
      [
        'application.py',
        '        urls = json.load(urls_file)\n    return urls',
        '        urls = json.loads(urls_file)\n    return urls or {}',
      ],
      [
        'application.py',
        '        json.dump(urls, urls_file)',
        '        json.dump(urls, urls_file, indent=2, sort_keys=True)',
      ],
      [
        'application.py',
        'def write_urls(urls):\n',
        'def write_urls(urls):\n    """Write all URLs back to the file."""\n',
      ],
    ],
  },
  {
    message: 'Answer JSON on request',
    edits: [
      [
        'application.py',
        '    return f"short: /{code}"',
        '    if request.args.get("format") == "json":\n        return {"short": code}\n    return f"short: /{code}"',
      ],
    ],
  },
  {
    message: 'Explain the file format',
    files: { 'README.md': '# URL shortener\n\n    python application.py\n\nURLs are kept in urls.json.\n' },
  },
  {
    message: 'Document the reader',
    edits: [
      ['application.py', 'def read_urls():\n', 'def read_urls():\n    """All short URLs by their code."""\n'],
    ],
    tag: 'v2',
  },
]
