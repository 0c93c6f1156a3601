import type { HistoryStep } from '../git-history.ts'

/** The user's first two documents: `/` fails at random, `/health` is fine. */
const APP = `from flask import Flask, jsonify
import random
import logging
import os

app = Flask(__name__)

logging.basicConfig(
    filename='app.log',
    level=logging.INFO,
    format='%(asctime)s %(levelname)s %(message)s'
)

@app.route("/")
def home():
    logging.info("Request received")

    # Random failure (production incident simulation)
    if random.choice([True, False]):
        logging.error("Random failure occurred!")
        raise Exception("App crashed due to random error")

    return "Application is running fine!"

@app.route("/health")
def health():
    return jsonify({"status": "ok"})

if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "5000")))
`

export const RAISE_LINE = APP.split('\n').findIndex((line) => line.includes('raise Exception')) + 1

export const randomCrash: readonly HistoryStep[] = [
  { message: 'Buggy app', files: { 'app.py': APP, '.gitignore': '*.log\n__pycache__/\n' } },
]
