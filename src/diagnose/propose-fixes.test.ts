import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { explainSource } from './explain-source.ts'
import type { ProposedFix } from './fix.ts'
import { proposeFixes } from './propose-fixes.ts'

const root = mkdtempSync(join(tmpdir(), 'fixes-'))
execFileSync('git', ['init', '-q'], { cwd: root })
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** The fixes for the line marked `<<<`; every patch among them is one that git takes. */
async function fixesFor(
  file: string,
  source: string,
  nondeterministic = false,
): Promise<readonly ProposedFix[]> {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), source)
  const readFile = (): Promise<string> => Promise.resolve(source)
  const line = source.split('\n').findIndex((each) => each.includes('<<<')) + 1
  const explanation = await explainSource({ readFile }, { file, line, exceptionType: 'TypeError' })
  const fixes = await proposeFixes(
    { readFile },
    { explanation, nondeterministic, culprit: null, exceptionType: 'TypeError', message: 'boom' },
  )
  for (const { patch } of fixes) {
    if (patch !== null) execFileSync('git', ['apply', '--check', '-'], { cwd: root, input: patch })
  }
  return fixes
}

const fixOf = (fixes: readonly ProposedFix[], kind: ProposedFix['kind']): ProposedFix | undefined =>
  fixes.find((fix) => fix.kind === kind)

const flask = `from flask import Flask, jsonify
import random
import logging

app = Flask(__name__)


@app.route("/")
def home():
    if random.choice([True, False]):
        raise Exception("Random Failure: Simulated production bug")  # <<<
    return jsonify({"status": "ok"})


@app.route("/health")
def health():
    return jsonify({"status": "ok"})
`

test('offers the three fixes for a Flask route that fails by chance, the cause first', async () => {
  const fixes = await fixesFor('buggy-app.py', flask, true)
  expect(fixes.map(({ kind }) => kind)).toEqual(['remove-cause', 'handle-error', 'observe'])
  expect(fixes[0]?.patch).toBe(`diff --git a/buggy-app.py b/buggy-app.py
--- a/buggy-app.py
+++ b/buggy-app.py
@@ -7,8 +7,6 @@
 
 @app.route("/")
 def home():
-    if random.choice([True, False]):
-        raise Exception("Random Failure: Simulated production bug")  # <<<
     return jsonify({"status": "ok"})
 
 
`)
  expect(fixOf(fixes, 'handle-error')?.code).toBe(`@app.route("/")
def home():
    try:
        if random.choice([True, False]):
            raise Exception("Random Failure: Simulated production bug")  # <<<
        return jsonify({"status": "ok"})
    except Exception:
        logging.exception("home failed")
        return jsonify({"error": "Temporary issue, please retry"}), 500`)
  const observed = fixOf(fixes, 'observe')?.code ?? ''
  expect(observed).toContain('@app.errorhandler(Exception)')
  // The program has a health check already.
  expect(observed).not.toContain('def health')
})

type Row = readonly [name: string, file: string, source: string, wanted: readonly string[]]

const frameworks: readonly Row[] = [
  [
    'FastAPI, the handler that calls the failing function',
    'main.py',
    'from fastapi import FastAPI\napp = FastAPI()\n\n@app.get("/items/{id}")\nasync def read(id: int):\n    """Reads."""\n    return load(id)\n\ndef load(id):\n    return items[id]  # <<<\n',
    ['async def read(id: int):\n    """Reads."""\n    try:\n        return load(id)', 'JSONResponse('],
  ],
  [
    'Django',
    'views.py',
    'from django.http import JsonResponse\n\ndef show(request, id):\n    return JsonResponse({"x": orders[id]})  # <<<\n',
    ['except Exception:', 'return JsonResponse({"error": "Temporary issue, please retry"}, status=500)'],
  ],
  [
    'a plain function of Python',
    'job.py',
    'import logging\nlog = logging.getLogger(__name__)\n\ndef total(a):\n    return a.b  # <<<\n',
    ['log.exception("total failed")', 'raise'],
  ],
  [
    'Express without next',
    'a.js',
    "const express = require('express');\nconst app = express();\napp.get('/orders/:id', async (req, res) => {\n  const order = await db.find(req.params.id);\n  res.json({ total: order.total.toFixed(2) }); // <<<\n});\n",
    [
      "app.get('/orders/:id', async (req, res) => {\n  try {\n    const order",
      "res.status(500).json({ error: 'Temporary issue, please retry' });",
    ],
  ],
  [
    'Express with next',
    'routes/a b.js',
    "import express from 'express'\nconst router = express.Router()\nrouter.post('/x', function create(req, res, next) {\n  res.json(req.body.a.b) // <<<\n})\n",
    ["console.error('POST /x failed', error)", 'next(error)'],
  ],
  [
    'Fastify with an expression for a body',
    'a.ts',
    "import Fastify from 'fastify'\nconst server = Fastify()\nserver.get('/x', async (request, reply) => compute(request.query.y)) // <<<\n",
    [
      'try {\n    return compute(request.query.y)',
      "return reply.code(500).send({ error: 'Temporary issue, please retry' })",
    ],
  ],
  [
    'Koa',
    'k.js',
    "const Koa = require('koa')\nrouter.get('/x', async (ctx) => {\n  ctx.body = ctx.state.user.name // <<<\n})\n",
    ['ctx.status = 500'],
  ],
  [
    'a bare http server',
    'h.mjs',
    "import http from 'node:http'\nhttp.createServer((req, res) => {\n  res.end(req.x.y) // <<<\n}).listen(3000)\n",
    ['if (!res.headersSent) res.writeHead(500,'],
  ],
  [
    'Spring',
    'OrderController.java',
    'import org.springframework.web.bind.annotation.*;\n@RestController\npublic class OrderController {\n    private static final Logger logger = LoggerFactory.getLogger(OrderController.class);\n\n    @GetMapping("/orders/{id}")\n    public ResponseEntity<Object> order(@PathVariable long id) {\n        return ResponseEntity.ok(orders.find(id).total()); // <<<\n    }\n}\n',
    [
      '} catch (Exception e) {',
      'logger.error("OrderController.order failed", e);',
      'ResponseEntity.internalServerError()',
    ],
  ],
  [
    'net/http, with the import that it needs',
    'main.go',
    'package main\n\nimport (\n\t"fmt"\n\t"net/http"\n)\n\nfunc home(w http.ResponseWriter, r *http.Request) {\n\titems := load()\n\tfmt.Fprintln(w, items[3]) // <<<\n}\n',
    [
      '\tdefer func() {\n\t\tif recovered := recover(); recovered != nil {',
      'http.Error(w, "Temporary issue, please retry", http.StatusInternalServerError)',
    ],
  ],
  [
    'Gin',
    'gin.go',
    'package main\n\nimport (\n\t"log"\n\n\t"github.com/gin-gonic/gin"\n)\n\nfunc home(c *gin.Context) {\n\tc.JSON(200, load()[3]) // <<<\n}\n',
    ['c.AbortWithStatusJSON(500, gin.H{"error": "Temporary issue, please retry"})'],
  ],
  [
    'Sinatra',
    'app.rb',
    "require 'sinatra'\n\nget '/orders/:id' do\n  order = DB[:orders].first(id: params[:id])\n  order[:total].to_s # <<<\nend\n",
    ['rescue StandardError => e', "halt 500, 'Temporary issue, please retry'"],
  ],
  [
    'Rails',
    'orders_controller.rb',
    'class OrdersController < ApplicationController\n  def show\n    render json: Order.find(params[:id]).total / 0 # <<<\n  end\nend\n',
    ['rescue StandardError => e', 'status: :internal_server_error'],
  ],
  [
    'Laravel',
    'OrderController.php',
    '<?php\nnamespace App\\Http\\Controllers;\nuse Illuminate\\Http\\Request;\nclass OrderController extends Controller {\n    public function show(Request $request, $id) {\n        return Order::find($id)->total; // <<<\n    }\n}\n',
    [
      '} catch (\\Throwable $e) {',
      "return response()->json(['error' => 'Temporary issue, please retry'], 500);",
    ],
  ],
  [
    'plain PHP',
    'index.php',
    '<?php\nfunction home() {\n    echo $a->b->c; // <<<\n}\nhome();\n',
    ["error_log('home failed: ' . $e);", 'throw $e;'],
  ],
  [
    'a controller of ASP.NET',
    'OrdersController.cs',
    'using Microsoft.AspNetCore.Mvc;\npublic class OrdersController : ControllerBase\n{\n    private readonly ILogger<OrdersController> _logger;\n\n    [HttpGet("/orders/{id}")]\n    public async Task<IActionResult> Get(int id)\n    {\n        var order = await _db.Find(id);\n        return Ok(order.Total); // <<<\n    }\n}\n',
    [
      '    try\n    {\n        var order',
      '_logger.LogError(ex, "{Route} failed"',
      'return StatusCode(500, new { error =',
    ],
  ],
  [
    'an endpoint of ASP.NET',
    'Program.cs',
    'var app = WebApplication.CreateBuilder(args).Build();\napp.MapGet("/x", (Db db) => {\n    return Results.Ok(db.Find(1).Total); // <<<\n});\napp.Run();\n',
    ['app.Logger.LogError(ex,', 'return Results.Problem("Temporary issue, please retry", statusCode: 500);'],
  ],
  [
    'axum',
    'main.rs',
    'use axum::{routing::get, Router};\n\nasync fn home() -> String {\n    if broken() {\n        panic!("boom"); // <<<\n    }\n    format!("fine")\n}\n',
    [
      '-> Result<String, axum::http::StatusCode>',
      'return Err(axum::http::StatusCode::INTERNAL_SERVER_ERROR);',
      'Ok(format!("fine"))',
    ],
  ],
]

test.each(frameworks)('handles the error as %s does', async (...[_name, file, source, wanted]) => {
  const fixes = await fixesFor(file, source)
  const handled = fixOf(fixes, 'handle-error')
  for (const part of wanted) expect(handled?.code).toContain(part)
  expect(handled?.patch).not.toBeNull()
  expect(fixOf(fixes, 'observe')?.code).not.toBe('')
})

test('lets an abort through where only the seen type can be told apart', async () => {
  const source = flask.replace('    if random', '    abort(404)\n    if random')
  expect(fixOf(await fixesFor('abort.py', source), 'handle-error')?.code).toContain('except TypeError:')
})

test('keeps CRLF in what it adds', async () => {
  const handled = fixOf(await fixesFor('crlf.py', flask.replaceAll('\n', '\r\n')), 'handle-error')
  const added = handled?.patch?.split('\n').filter((line) => /^\+(?!\+\+)/.test(line)) ?? []
  expect(added.length).toBeGreaterThan(3)
  expect(added.every((line) => line.endsWith('\r'))).toBe(true)
})

test('says why there is no patch when the culprit cannot be taken back', async () => {
  const hunk = { file: 'gone.py', oldStart: 1, newStart: 1, lines: ['-a = 1', '+a = 2'] }
  const [fix] = await proposeFixes(
    { readFile: () => Promise.resolve(null) },
    {
      explanation: null,
      nondeterministic: false,
      culprit: { sha: '1234567890', subject: 'Change a', hunks: [hunk] },
      exceptionType: null,
      message: null,
    },
  )
  expect(fix).toMatchObject({ kind: 'remove-cause', patch: null, code: '-a = 1\n+a = 2' })
  expect(fix?.description).toContain('not there any more')
})

test('has nothing to offer without source and culprit', async () => {
  const nothing = {
    explanation: null,
    nondeterministic: true,
    culprit: null,
    exceptionType: null,
    message: null,
  }
  expect(await proposeFixes({ readFile: () => Promise.resolve(null) }, nothing)).toEqual([])
})
