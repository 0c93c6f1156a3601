import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recogniseFormat } from '../lines/recognise.ts'
import type { LineFormat, ParsedLine } from '../lines/recognise.ts'

const CONTEXT = { timeZone: 'UTC', now: Date.UTC(2026, 10, 20, 12) }
const AT = '2026-11-20T10:00:00.000Z'
const AT_123 = '2026-11-20T10:00:00.123Z'

type Expected = {
  at?: string | null
  severity?: string
  message?: string
  stream?: string
  service?: string | null
  request?: Partial<NonNullable<ParsedLine['request']>> | null
  headed?: boolean
  partial?: boolean
}

/** The name by which the format is recognised, a line of it, and what the line says. */
type Row = readonly [name: string, line: string, expected: Expected]

const ACCESS: readonly Row[] = [
  // Werkzeug, with and without a time
  ['access-log', '172.17.0.1 - - [20/Nov/2026 10:00:00] "GET / HTTP/1.1" 500 -', { at: AT, message: '"GET / HTTP/1.1" 500 -', request: { method: 'GET', path: '/', status: 500, durationMs: null, client: '172.17.0.1' } }],
  ['access-log', '172.17.0.1 - - "HEAD / HTTP/1.1" 500 -', { at: null, request: { method: 'HEAD', path: '/', status: 500 } }],
  ['access-log', '::1 - - [20/Nov/2026 10:00:00] "GET /v6 HTTP/1.1" 200 -', { request: { client: '::1', path: '/v6' } }],
  // Django's runserver logs without an address
  ['text', '[20/Nov/2026 10:00:00] "GET /x HTTP/1.1" 500 145', { at: AT, request: { status: 500, path: '/x' } }],
  // nginx and Apache
  ['access-log', '10.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326 "http://x/y" "Mozilla/4.08 [en] (Win98; I ;Nav)" 0.031', { at: '2000-10-10T20:55:36.000Z', request: { client: 'frank', durationMs: 31, status: 200 } }],
  ['access-log', '1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "POST /api?q=1 HTTP/2.0" 502 157 "-" "curl/8" rt=0.031 uct="0.001" urt="0.030"', { at: AT, request: { method: 'POST', path: '/api?q=1', status: 502, durationMs: 31 } }],
  ['access-log', '1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 157 "-" "curl/8" "203.0.113.7, 10.0.0.1"', { request: { client: '203.0.113.7' } }],
  ['access-log', '1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 499 0 "-" "-" 345 0.250 [default-web-80] [] 10.0.0.1:80 17 0.249 200 af17', { request: { status: 499, durationMs: 250 } }],
  ['access-log', 'example.com:80 1.2.3.4 - bob [20/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 157 "-" "curl/8" 31234', { request: { client: 'bob', durationMs: 31.234 } }],
  ['access-log', '1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "\\x16\\x03\\x01" 400 157 "-" "-"', { at: AT, request: null }],
  ['access-log', '1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "-" 408 -', { request: null }],
  ['access-log', '1.2.3.4 - - [20/Nov/2026:10:00:00 +0000] "GET /say?q=\\"hi\\" HTTP/1.1" 200 5 "-" "-"', { request: { path: '/say?q=\\"hi\\"', status: 200 } }],
  // Traefik, Actix, aiohttp, PHP-FPM
  ['access-log', '10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] "GET /x HTTP/1.1" 200 12 "-" "-" 1 "web@docker" "http://172.18.0.3:80" 2ms', { request: { durationMs: 2 } }],
  ['access-log', '127.0.0.1 "GET / HTTP/1.1" 200 17 "-" "curl/8" 0.000123', { request: { status: 200, durationMs: 0.123 } }],
  ['access-log', '127.0.0.1 [20/Nov/2026:10:00:00 +0000] "GET /x HTTP/1.1" 200 168 "-" "curl/8"', { at: AT, request: { path: '/x' } }],
  ['access-log', '127.0.0.1 -  20/Nov/2026:10:00:00 +0000 "GET /index.php" 500', { at: AT, request: { path: '/index.php', status: 500 } }],
  // uvicorn
  ['text', 'INFO:     127.0.0.1:55222 - "GET /x HTTP/1.1" 500 Internal Server Error', { severity: 'INFO', request: { status: 500, client: '127.0.0.1' } }],
  // HAProxy, alone and in syslog
  ['haproxy', '10.0.1.2:33317 [20/Nov/2026:10:00:00.123] http-in static/srv1 10/0/30/69/109 503 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"', { at: AT_123, service: 'static', request: { path: '/index.html', status: 503, durationMs: 109, client: '10.0.1.2' } }],
  ['haproxy', '10.0.1.2:33317 [20/Nov/2026:10:00:00.123] in web/a 0/0/0/-1/10003 -1 0 - - CH-- 1/1/1/1/0 0/0 "GET /gave-up HTTP/1.1"', { at: AT_123, request: { path: '/gave-up', status: null, noAnswer: 'timed-out', durationMs: 10003 } }],
  ['haproxy', '10.0.1.2:33317 [20/Nov/2026:10:00:00.123] in web/a 0/0/0/-1/40 -1 0 - - CH-- 1/1/1/1/0 0/0 "GET /went-away HTTP/1.1"', { at: AT_123, request: { path: '/went-away', status: null, noAnswer: null, durationMs: 40 } }],
  ['haproxy', '10.0.1.2:33317 [20/Nov/2026:10:00:00.123] in web/a 0/0/0/9/40 200 17 - - SD-- 1/1/1/1/0 0/0 "GET /cut-off HTTP/1.1"', { at: AT_123, request: { path: '/cut-off', status: 200, noAnswer: 'reset' } }],
  ['haproxy', '10.0.1.2:33317 [20/Nov/2026:10:00:00.123] in web/a 0/0/0/9/40 200 17 - - CD-- 1/1/1/1/0 0/0 "GET /closed-tab HTTP/1.1"', { at: AT_123, request: { path: '/closed-tab', status: 200, noAnswer: null } }],
  ['syslog-3164/haproxy', 'Nov 20 10:00:00 lb haproxy[14387]: 10.0.1.2:33317 [20/Nov/2026:10:00:00.123] in web/<NOSRV> 0/-1/-1/-1/5000 -1 0 - - sQ-- 1/1/1/1/0 0/0 "POST /x HTTP/1.1"', { at: AT_123, stream: 'lb haproxy 14387', request: { method: 'POST', status: null, durationMs: 5000 } }],
  ['aws-load-balancer', 'http 2026-11-20T10:00:00.123456Z app/my-lb/50dc 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.002 502 502 34 366 "GET http://www.example.com:80/x HTTP/1.1" "curl/7.46.0" - -', { at: AT_123, request: { path: '/x', status: 502, durationMs: 3, client: '192.168.131.39' } }],
  ['envoy', '[2026-11-20T10:00:00.000Z] "GET /x HTTP/1.1" 503 UF,URX 0 91 12 - "10.0.0.1" "curl" "id" "host" "10.0.0.2:80"', { at: AT, request: { status: 503, durationMs: 12, client: '10.0.0.1' } }],
  ['envoy', '[2026-11-20T10:00:00.000Z] "GET /x HTTP/2" 200 - via_upstream - "-" 0 1024 31 30 "-" "curl" "id" "host" "10.0.0.2:80"', { request: { status: 200, durationMs: 31, client: null } }],
  ['gin', '[GIN] 2026/11/20 - 10:00:00 | 500 |     31.2ms |  172.17.0.1 | GET      "/x"', { at: AT, request: { method: 'GET', path: '/x', status: 500, durationMs: 31.2, client: '172.17.0.1' } }],
  ['php-server', '[Fri Nov 20 10:00:00 2026] 127.0.0.1:55222 [500]: GET /x - Uncaught Exception', { at: AT, request: { path: '/x', status: 500, client: '127.0.0.1' } }],
] // prettier-ignore

const LIBRARIES: readonly Row[] = [
  ['python-logging', 'WARNING:app.web:low disk', { severity: 'WARN', message: 'low disk', at: null }],
  ['python-logging', 'INFO:werkzeug:127.0.0.1 - - [20/Nov/2026 10:00:00] "GET / HTTP/1.1" 500 -', { at: AT, severity: 'INFO', message: '"GET / HTTP/1.1" 500 -', request: { status: 500, client: '127.0.0.1' } }],
  ['python-logging', 'ERROR in app: Exception on / [HEAD]', { severity: 'ERROR', message: 'Exception on / [HEAD]' }],
  ['python-logging', '[2026-11-20 10:00:00,123] ERROR in app: Exception on / [GET]', { at: AT_123, severity: 'ERROR', message: 'Exception on / [GET]' }],
  ['ruby-logger', 'E, [2026-11-20T10:00:00.123456 #17] ERROR -- : boom', { at: AT_123, severity: 'ERROR', message: 'boom', stream: '17' }],
  ['ruby-logger', 'W, [2026-11-20T10:00:00.123456 #17]  WARN -- shop: low', { severity: 'WARN', message: 'low' }],
  ['glog', 'E1120 10:00:00.123456   17 server.go:88] boom', { at: AT_123, severity: 'ERROR', message: 'boom' }],
  ['glog', 'I20261120 10:00:00.123456    17 main.cc:12] ready', { at: AT_123, severity: 'INFO', message: 'ready' }],
  ['logcat', '11-20 10:00:00.123  1702  2395 D WindowManager: printFreezing', { at: AT_123, severity: 'DEBUG', message: 'printFreezing', stream: '1702' }],
  ['logcat', 'E/AndroidRuntime( 1702): FATAL EXCEPTION: main', { severity: 'ERROR', message: 'FATAL EXCEPTION: main', stream: '1702' }],
  ['logcat', '11-20 10:00:00.123 E/AndroidRuntime( 1702): boom', { at: AT_123, severity: 'ERROR', message: 'boom' }],
  ['dotnet-console', 'fail: Acme.Shop.Cart[0]', { severity: 'ERROR' }],
  ['dotnet-console', 'info: Acme.Shop.Cart[14] ready', { severity: 'INFO', message: 'ready' }],
  ['redis', '1:M 20 Nov 2026 10:00:00.123 # Out of memory', { at: AT_123, severity: 'WARN', message: 'Out of memory' }],
  ['nginx-error', '2026/11/20 10:00:00 [crit] 7#7: *1 connect() failed, client: 172.17.0.1, request: "GET /x HTTP/1.1", host: "h"', { at: AT, severity: 'FATAL', stream: '7', service: 'nginx', request: null }],
  ['apache-error', '[Sun Dec 04 04:47:44 2005] [error] mod_jk child workerEnv in error state 6', { at: '2005-12-04T04:47:44.000Z', severity: 'ERROR', message: 'mod_jk child workerEnv in error state 6' }],
  ['apache-error', '[Fri Nov 20 10:00:00.123456 2026] [core:notice] [pid 35708:tid 4328636416] [client 72.15.99.187:1234] AH00094: x', { at: AT_123, severity: 'INFO', message: 'AH00094: x', stream: '35708' }],
  ['postgresql', '2026-11-20 10:00:00.123 UTC [27] LOG:  checkpoint complete', { at: AT_123, severity: 'INFO', message: 'checkpoint complete', stream: '27' }],
  ['postgresql', '2026-11-20 10:00:00 UTC [27-1] app@shop FATAL:  sorry, too many clients already', { at: AT, severity: 'FATAL', message: 'sorry, too many clients already' }],
  ['mysql', '2026-11-20T10:00:00.123456Z 8 [ERROR] [MY-010584] [Repl] Slave SQL', { at: AT_123, severity: 'ERROR', message: 'Slave SQL' }],
  ['mysql', '2026-11-20 10:00:00 0 [Note] InnoDB: ready', { at: AT, severity: 'INFO', message: 'InnoDB: ready' }],
] // prettier-ignore

const TEXT: readonly Row[] = [
  ['text', '2026-11-20 10:00:00,123 INFO Request received', { at: AT_123, severity: 'INFO', message: 'Request received' }],
  ['text', '2026-11-20 10:00:00,123 - app.web - ERROR - boom', { at: AT_123, severity: 'ERROR', message: 'boom' }],
  ['text', '2026-11-20 10:00:00,123 ERROR [b289a407] app.web: Unhandled exception in request', { severity: 'ERROR', message: 'Unhandled exception in request', stream: '' }],
  ['text', '2026-11-20 10:00:00,123 ERROR    ValueError: bad', { severity: 'ERROR', message: 'ValueError: bad' }],
  ['text', '2026-11-20 10:00:00.123 25746 INFO nova.compute.manager [req-beb938db - - -] VM started', { stream: '25746', message: 'VM started' }],
  ['text', 'nova-api.log.1.2026-11-20_13:53:08 2026-11-20 10:00:00.123 25746 INFO nova.wsgi.server [req-1 - - -] 10.11.10.1 "GET /v2 HTTP/1.1" status: 200 len: 1893 time: 0.2477829', { at: AT_123, request: { path: '/v2', status: 200, durationMs: 247.7829 } }],
  ['text', '[2026-11-20 10:00:00 +0000] [7] [INFO] Starting gunicorn 20.1.0', { at: AT, severity: 'INFO', message: 'Starting gunicorn 20.1.0', stream: '7' }],
  ['text', '2026-11-20T10:00:00 [4006]   File "/app/x.py", line 3, in f', { at: AT, message: '  File "/app/x.py", line 3, in f', stream: '4006' }],
  ['text', '10:00:00.123 [http-nio-8080-exec-4] ERROR c.a.shop.Api - Request failed', { at: AT_123, severity: 'ERROR', message: 'Request failed' }],
  ['text', '2026-11-20 10:00:00.123  INFO 27 --- [           main] o.s.b.w.e.tomcat.TomcatWebServer  : Tomcat started', { at: AT_123, severity: 'INFO', message: 'Tomcat started', stream: '27' }],
  ['text', '2026-11-20T10:00:00.123Z ERROR 1 --- [shop] [nio-8080-exec-1] c.a.Cart : boom', { severity: 'ERROR', message: 'boom', stream: '1' }],
  ['text', '2015-07-29 17:41:44,747 - INFO  [QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:FastLeaderElection@774] - Notification time out: 3200', { at: '2015-07-29T17:41:44.747Z', message: 'Notification time out: 3200' }],
  ['text', '17/06/09 20:10:40 INFO executor.Executor: Running task 1', { at: '2017-06-09T20:10:40.000Z', message: 'Running task 1' }],
  ['text', '081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1', { at: '2008-11-09T20:36:15.000Z', stream: '148', message: 'PacketResponder 1' }],
  ['text', 'ERROR [main] 2026-11-20 10:00:00,123 CassandraDaemon.java:88 - boom', { at: AT_123, severity: 'ERROR', message: 'boom' }],
  ['text', '[2026-11-20 10:00:00,123] ERROR [KafkaServer id=0] Fatal error (kafka.server.KafkaServer)', { severity: 'ERROR', message: 'Fatal error (kafka.server.KafkaServer)' }],
  ['text', '[2026-11-20T10:00:00,123][WARN ][o.e.b.Elasticsearch  ] [node-1] slow', { at: AT_123, severity: 'WARN', message: 'slow' }],
  ['text', '[2026-11-20T10:00:00.123+0000][info][gc] GC(0) Pause Young', { at: AT_123, severity: 'INFO', message: 'GC(0) Pause Young' }],
  ['text', 'SEVERE: boom', { severity: 'ERROR', message: 'boom' }],
  ['text', 'Nov 20, 2026 10:00:00 AM com.acme.Cart load', { at: AT }],
  ['text', '[2026-11-20T10:00:00Z ERROR my_app::db] boom', { at: AT, severity: 'ERROR', message: 'boom' }],
  ['text', '2026-11-20T10:00:00.123456Z  WARN my_app::db: slow', { severity: 'WARN', message: 'slow' }],
  ['text', '[10:00:00 ERR] Boom', { at: AT, severity: 'ERROR', message: 'Boom' }],
  ['text', '2026-11-20 10:00:00.123 | ERROR    | app.mod:func:12 - boom', { severity: 'ERROR', message: 'boom' }],
  ['text', '10:00:00.123 [error] GenServer terminating', { severity: 'ERROR', message: 'GenServer terminating' }],
  ['text', '2026-11-20T10:00:00.123Z error: boom', { severity: 'ERROR', message: 'boom' }],
  ['text', '2026-11-20T10:00:00.123Z\tERROR\tserver/main.go:12\tboom', { severity: 'ERROR', message: 'boom' }],
  ['text', '2026/11/20 10:00:00 main.go:23: boom', { at: AT, message: 'boom', severity: '' }],
  ['text', '2026/11/20 10:00:00 INFO request method=GET path=/x status=500 duration=31ms', { severity: 'INFO', request: { path: '/x', status: 500, durationMs: 31 } }],
  ['text', '2026-11-20T10:00:00.123Z\tERROR\tmain.go:12\tdone\t{"status": 500, "method": "GET", "path": "/x"}', { request: { status: 500, path: '/x' } }],
  ['text', '2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack', { at: '2016-09-28T04:30:30.000Z', severity: 'INFO' }],
  ['text', '[20-Nov-2026 10:00:00 UTC] PHP Fatal error:  Uncaught Exception: x in /a.php:3', { at: AT, severity: 'ERROR', message: 'PHP Fatal error:  Uncaught Exception: x in /a.php:3' }],
  ['text', '[E 261120 10:00:00 web:2246] 500 GET / (::1) 1.2ms', { at: AT, severity: 'ERROR', request: { status: 500, durationMs: 1.2, client: '::1' } }],
  ['text', '- 1117838570 2005.06.03 R02-M1-N0 2005-06-03-15.42.50.675872 R02-M1-N0 RAS KERNEL FATAL data TLB error', { at: '2005-06-03T22:42:50.000Z', severity: 'FATAL', message: 'data TLB error' }],
  ['text', '2026-11-20T10:00:00.123Z INFO  POST /api/x 500 request_id=abc 41ms', { request: { method: 'POST', status: 500, durationMs: 41 } }],
  ['text', '2026-11-20T10:00:00.123Z [main] WARN  c.a.Cart -- slow', { severity: 'WARN', message: 'slow' }],
  ['text', '2026-11-20 10:00:00.1234|ERROR|Acme.Cart|boom', { at: AT_123, severity: 'ERROR', message: 'boom' }],
  ['text', '2026-11-20 10:00:00: ERROR: boom', { at: AT, severity: 'ERROR', message: 'boom' }],
  ['text', '[2026-11-20 10:00:00,123: ERROR/ForkPoolWorker-1] Task app.x[1] raised unexpected', { at: AT_123, severity: 'ERROR', message: 'Task app.x[1] raised unexpected' }],
  ['text', '2026-11-20T10:00:00.123Z pid=7 tid=abc class=MyJob jid=123 ERROR: boom', { severity: 'ERROR', message: 'boom' }],
  ['text', '10:00:00.123 request_id=F1 [error] boom', { severity: 'ERROR', message: 'boom' }],
  ['text', '[2026-11-20 10:00:00] production.ERROR: boom {"userId":7}', { at: AT, severity: 'ERROR', message: 'boom {"userId":7}' }],
  ['text', '2026-11-20T10:00:00.123+0000 E NETWORK  [conn1] boom', { at: AT_123, severity: 'ERROR' }],
  ['text', '2026-11-20 10:00:00 127.0.0.1 GET /x 500 12ms', { at: AT, request: { path: '/x', status: 500, durationMs: 12, client: '127.0.0.1' } }],
  ['text', '2026-11-20T10:00:00.123Z  INFO request{method=GET path=/x}: web: finished status=500', { request: { path: '/x', status: 500 } }],
  ['text', '2026-11-20 10:00:00 +0000 Rack app ("GET /x" - (127.0.0.1)): #<RuntimeError: boom>', { request: null }],
  ['text', 'INFO cache miss key=cart:17', { severity: 'INFO', message: 'cache miss key=cart:17', at: null }],
  ['text', '2026-11-20T10:00:00.123Z Error budget remaining 99.2%', { severity: '' }],
] // prettier-ignore

const RECORDS: readonly Row[] = [
  ['json-lines', '{"level":50,"time":1795168800123,"pid":17,"hostname":"web","msg":"boom"}', { at: AT_123, severity: 'ERROR', message: 'boom', stream: 'web 17' }],
  ['json-lines', '{"level":30,"time":1795168800123,"pid":17,"hostname":"web","req":{"method":"GET","url":"/x"},"res":{"statusCode":500},"responseTime":31,"msg":"request completed"}', { request: { method: 'GET', path: '/x', status: 500, durationMs: 31 } }],
  ['json-lines', '{"name":"shop","hostname":"h","pid":17,"level":30,"req":{"method":"GET","url":"/x"},"res":{"statusCode":200},"latency":31,"msg":"done","time":"2026-11-20T10:00:00.123Z","v":0}', { at: AT_123, request: { durationMs: 31 } }],
  ['json-lines', '{"level":"error","message":"boom","timestamp":"2026-11-20T10:00:00.123Z","service":"shop"}', { at: AT_123, severity: 'ERROR', service: 'shop' }],
  ['json-lines', '{"level":"info","message":"POST /login 200 31ms","timestamp":"2026-11-20T10:00:00.123Z"}', { request: { path: '/login', durationMs: 31 } }],
  ['json-lines', '{"level":"error","ts":1795168800.123,"caller":"http/server.go:88","msg":"request","method":"GET","path":"/x","status":503,"duration":0.031}', { at: AT_123, request: { status: 503, durationMs: 31 } }],
  ['json-lines', '{"@timestamp":"2026-11-20T10:00:00.123Z","@version":"1","logger_name":"com.acme.Api","level":"WARN","level_value":30000,"message":"GET /x","status":304}', { severity: 'WARN', request: { method: 'GET', path: '/x', status: 304 } }],
  ['json-lines', '{"asctime":"2026-11-20 10:00:00,123","levelname":"ERROR","name":"app.web","message":"Internal Server Error"}', { at: AT_123, severity: 'ERROR' }],
  ['json-lines', '{"@timestamp":"2026-11-20T10:00:00.123Z","log.level":"error","message":"x","http":{"request":{"method":"GET"},"response":{"status_code":500}},"url":{"path":"/x"},"event":{"duration":31000000},"client":{"ip":"1.2.3.4"},"user":{"id":"u7"},"service":{"name":"shop"}}', { severity: 'ERROR', service: 'shop', request: { status: 500, durationMs: 31, client: 'u7' } }],
  ['json-lines', '{"timestamp":"2026-11-20T10:00:00.123Z","severity":"ERROR","httpRequest":{"requestMethod":"GET","requestUrl":"https://x/y?z","status":503,"latency":"0.031s","remoteIp":"1.2.3.4"}}', { at: AT_123, severity: 'ERROR', request: { path: '/y?z', status: 503, durationMs: 31, client: '1.2.3.4' } }],
  ['json-lines', '{"insertId":"x","jsonPayload":{"message":"hi","severity":"WARNING"},"timestamp":"2026-11-20T10:00:00.123Z","resource":{"labels":{"container_name":"web"}}}', { severity: 'WARN', message: 'hi', service: 'web' }],
  ['json-lines', '{"time":"2026-11-20T10:00:00.123Z","remote_ip":"::1","host":"localhost","method":"GET","uri":"/x","status":500,"error":"","latency":31000000,"latency_human":"31ms"}', { request: { path: '/x', durationMs: 31, client: '::1' } }],
  ['json-lines', '{"level":"info","ts":1795168800.123,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"1.2.3.4","method":"GET","uri":"/x"},"duration":0.031,"status":502}', { request: { path: '/x', status: 502, durationMs: 31, client: '1.2.3.4' } }],
  ['json-lines', '{"@t":"2026-11-20T10:00:00.123Z","@mt":"HTTP {RequestMethod} {RequestPath} responded {StatusCode}","RequestMethod":"GET","RequestPath":"/x","StatusCode":200,"Elapsed":31.2}', { at: AT_123, severity: 'INFO', request: { status: 200, durationMs: 31.2 } }],
  ['json-lines', '{"time_local":"x","time":"2026-11-20T10:00:00+00:00","remote_addr":"1.2.3.4","request":"GET /x HTTP/1.1","status":"502","request_time":"0.031"}', { at: AT, request: { path: '/x', status: 502, durationMs: 31 } }],
  ['json-lines', '{"t":{"$date":"2026-11-20T10:00:00.123+00:00"},"s":"E","c":"NETWORK","msg":"Connection refused"}', { at: AT_123, severity: 'ERROR' }],
  ['json-lines', '{"instant":{"epochSecond":1795168800,"nanoOfSecond":123000000},"level":"ERROR","message":"boom"}', { at: AT_123, severity: 'ERROR' }],
  ['json-lines', '  {"level":"info","msg":"in an array","time":"2026-11-20T10:00:00.123Z"},'.trim(), { at: AT_123, message: 'in an array' }],
  ['logfmt', 'time="2026-11-20T10:00:00Z" level=error msg="boom \\"x\\"" method=GET path=/x status=500 duration=31.2ms user_id=7', { at: AT, severity: 'ERROR', message: 'boom "x"', request: { status: 500, durationMs: 31.2, client: '7' } }],
  ['logfmt', 'ts=2026-11-20T10:00:00.123Z caller=main.go:12 level=warn msg=slow', { at: AT_123, severity: 'WARN', message: 'slow' }],
  ['logfmt', 'method=GET path=/x format=html controller=Carts action=show status=500 error=\'Boom: x\' duration=12.3', { request: { status: 500 } }],
] // prettier-ignore

const ENVELOPES: readonly Row[] = [
  ['docker-json-file/text', '{"log":"2026-11-20 10:00:00,123 ERROR boom\\n","stream":"stderr","time":"2026-11-20T10:00:00.123456789Z"}', { at: AT_123, severity: 'ERROR', message: 'boom', stream: 'stderr' }],
  ['docker-json-file', '{"log":"half a li","stream":"stdout","time":"2026-11-20T10:00:00.123456789Z"}', { partial: true, message: 'half a li' }],
  ['docker-json-file/json-lines', '{"log":"{\\"level\\":50,\\"msg\\":\\"boom\\"}\\n","stream":"stdout","time":"2026-11-20T10:00:00.123Z"}', { at: AT_123, severity: 'ERROR', message: 'boom' }],
  ['kubernetes-cri/logfmt', '2026-11-20T10:00:00.123000123Z stdout F level=error msg="boom"', { at: AT_123, severity: 'ERROR', message: 'boom', stream: 'stdout' }],
  ['kubernetes-cri', '2026-11-20T10:00:00.123000123Z stderr P half a li', { partial: true, stream: 'stderr' }],
  ['kubernetes-cri', '2026-11-20T10:00:00.123000123Z stderr F \t/app/main.go:12 +0x1d', { message: '\t/app/main.go:12 +0x1d' }],
  ['docker-compose', 'web-1    | GET /x 500 31.2 ms - 17', { service: 'web', stream: 'web-1', request: { status: 500, durationMs: 31.2 } }],
  ['docker-compose/postgresql', 'db-1     | 2026-11-20 10:00:00.123 UTC [27] LOG:  ready', { at: AT_123, service: 'postgresql' }],
  ['kubectl-prefix', '[pod/web-7f9/app] ready', { service: 'app', message: 'ready' }],
  ['heroku', '2026-11-20T10:00:00.123+00:00 app[web.1]: Error: boom', { at: AT_123, severity: 'ERROR', message: 'Error: boom', stream: 'app web.1', service: 'web' }],
  ['heroku/logfmt', '2026-11-20T10:00:00.123+00:00 heroku[router]: at=error code=H12 desc="Request timeout" method=GET path="/x" host=h fwd="1.2.3.4" dyno=web.1 connect=1ms service=30000ms status=503 bytes=0', { request: { path: '/x', status: 503, durationMs: 30_000, client: '1.2.3.4' }, service: 'heroku' }],
  ['syslog-3164', 'Nov 20 10:00:00 web01 shop[4121]: ready', { at: AT, message: 'ready', stream: 'web01 shop 4121', service: 'shop' }],
  ['syslog-3164', '<11>Nov 20 10:00:00 web01 shop[4121]: no space', { at: AT, severity: 'ERROR' }],
  ['syslog-3164', 'Nov 20 10:00:00 combo sshd(pam_unix)[19939]: authentication failure; uid=0', { message: 'authentication failure; uid=0' }],
  ['syslog-3164', '2026-11-20T10:00:00.123456+00:00 web01 kernel: [12345.678] Out of memory: Killed process 17 (python3)', { at: AT_123, severity: 'ERROR', message: 'Out of memory: Killed process 17 (python3)' }],
  ['syslog-3164', '<30>Nov 20 10:00:00 web01 shop[4121]: Traceback (most recent call last):', { severity: 'ERROR' }],
  ['syslog-3164/text', 'Nov 20 10:00:00 ip-172-31-1-1 web[3245]: 2026-11-20 10:00:00,123 ERROR boom', { at: AT_123, severity: 'ERROR', message: 'boom', service: 'web' }],
  ['syslog-3164/access-log', 'Nov 20 10:00:00 ip-172-31-1-1 web[3245]: 127.0.0.1 - - [20/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 500 290 "-" "curl/8"', { at: AT, request: { status: 500 } }],
  ['syslog-5424', '<11>1 2026-11-20T10:00:00.123Z web01 shop 4121 - - boom', { at: AT_123, severity: 'ERROR', message: 'boom', stream: 'web01 shop 4121' }],
  ['syslog-5424', '<165>1 2003-10-11T22:14:15.003Z host evntslog - ID47 [a@1 iut="3" x="\\]"][b@2] \ufeffAn event', { message: 'An event', severity: 'INFO' }],
  ['journald-json', '{"__REALTIME_TIMESTAMP":"1795168800123000","PRIORITY":"3","MESSAGE":"boom","SYSLOG_IDENTIFIER":"web","_PID":"17","_HOSTNAME":"h"}', { at: AT_123, severity: 'ERROR', stream: 'h web 17', service: 'web' }],
  ['journald-json', '{"__REALTIME_TIMESTAMP":"1795168800123000","MESSAGE":[98,111,111,109]}', { message: 'boom' }],
  ['cloud-event/text', '{"timestamp":1795168800123,"message":"[ERROR] 2026-11-20T10:00:00.120Z abc boom","ingestionTime":1795168800900,"logStreamName":"s"}', { at: AT_123, severity: 'ERROR', stream: 's' }],
  ['cloud-event', '{"textPayload":"ready","timestamp":"2026-11-20T10:00:00.123Z","severity":"INFO","resource":{"labels":{"pod_name":"web-7","container_name":"web"}}}', { at: AT_123, severity: 'INFO', stream: 'web-7', service: 'web' }],
  ['text/json-lines', '2026-11-20T10:00:00.123Z {"level":"error","msg":"boom"}', { at: AT_123, severity: 'ERROR', message: 'boom' }],
] // prettier-ignore

const BARE: readonly Row[] = [
  ['plain', 'GET /x 500 31.2 ms - 17', { at: null, headed: false, request: { method: 'GET', path: '/x', status: 500, durationMs: 31.2 } }],
  ['plain', 'HTTP GET /x responded 500 in 12.3456 ms', { request: { status: 500, durationMs: 12.3456 } }],
  ['plain', '  --> GET / 500 3ms 17b', { request: { status: 500, durationMs: 3 } }],
  ['plain', 'Request finished HTTP/1.1 GET http://localhost:5000/x - 500 0 - 12.3ms', { request: { path: '/x', status: 500, durationMs: 12.3 } }],
  ['plain', 'GET upstream 200 in 12ms', { request: null }],
  ['plain', 'GET https://api.example.com/x 200 in 12ms', { request: null }],
  ['plain', 'POST /x took 500 ms', { request: null }],
  ['plain', 'Error budget remaining 99.2%', { severity: '', headed: false }],
  ['plain', 'TypeError: Cannot read properties of undefined', { severity: 'ERROR', headed: false, message: 'TypeError: Cannot read properties of undefined' }],
  ['plain', '    at f (/app/x.js:3:4)', { severity: '', headed: false }],
] // prettier-ignore

const ROWS = [...ACCESS, ...LIBRARIES, ...TEXT, ...RECORDS, ...ENVELOPES, ...BARE]

function parse(format: LineFormat, line: string): ParsedLine {
  const parsed = format.parse(line, CONTEXT)
  if (parsed === null) throw new Error(`nothing was parsed of ${line}`)
  return parsed
}

/** What a line says, in the words of the tables. */
function said(parsed: ParsedLine) {
  const { timestamp, severityText: severity, ...rest } = parsed
  return { at: timestamp === null ? null : new Date(timestamp).toISOString(), severity, ...rest }
}

/** Where an offset is told, the message stands there. */
function standsThere(line: string, { message, messageStart }: ParsedLine): boolean {
  return messageStart === -1 || line.startsWith(message, messageStart)
}

const LINES = ROWS.map(([, line]) => line)

describe('the formats of log lines', () => {
  test.each(ROWS)('%s: %s', (name, line, expected) => {
    const format = recogniseFormat([line])
    const parsed = parse(format, line)
    expect(format.name).toBe(name)
    expect(said(parsed)).toMatchObject(expected)
    expect(standsThere(line, parsed)).toBe(true)
  })

  // A file may mix them all: what a line says depends on no sample.
  const mixed = recogniseFormat(LINES)

  test.each(ROWS)('%s in a file of other lines: %s', (_, line, expected) => {
    expect(said(parse(mixed, line))).toMatchObject(expected)
  })

  test.each(ROWS.filter(([, line]) => !line.startsWith('{')))('%s in colours: %s', (_, line, expected) => {
    const coloured = `\u001b[32m${line.slice(0, 3)}\u001b[0m${line.slice(3)}\u001b[0m`
    const parsed = parse(recogniseFormat([coloured]), coloured)
    expect(said(parsed)).toMatchObject(expected)
    expect(parsed.messageStart).toBe(-1)
  })

  test('a line that is cut, doubled or scrambled is still only a line', () => {
    const row = fc.constantFrom(...LINES)
    const scrambled = fc
      .tuple(row, row, fc.nat(200), fc.nat(200))
      .map(([a, b, i, j]) => a.slice(0, i) + b.slice(j))
    const anything = fc.oneof(
      scrambled,
      fc.string({ minLength: 1 }),
      fc.string({ unit: 'binary', minLength: 1 }),
    )
    fc.assert(
      fc.property(
        anything.filter((line) => line !== ''),
        (line) => {
          const parsed = parse(mixed, line)
          expect(parsed.timestamp === null || Number.isSafeInteger(parsed.timestamp)).toBe(true)
          expect(standsThere(line, parsed)).toBe(true)
          expect(parsed.request?.status ?? 200).toBeGreaterThanOrEqual(100)
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('an empty line is nothing', () => {
    expect(mixed.parse('', CONTEXT)).toBeNull()
  })

  test('time grows with the length of a line, not faster', () => {
    const endings = [' a', '"x" ', '=1 ', '[', '{"a":', '1.', 'a.', '|', ' - ', '\\"']
    const started = performance.now()
    for (const line of LINES) for (const ending of endings) mixed.parse(line + ending.repeat(5000), CONTEXT)
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
