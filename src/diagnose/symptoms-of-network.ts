import type { SymptomRule } from './symptom-rule.ts'

/** What HTTP clients, sockets, resolvers and TLS libraries say when the other side is the trouble. */
export const networkSymptoms: readonly SymptomRule[] = [
  {
    kind: 'certificate-expired-error',
    pattern:
      /CERT_HAS_EXPIRED|certificate (?:has |is |was |already )?expired|certificate is not yet valid|certificate_expired|Cert(?:ificate)?Expired|ERROR_EXPIRED_CERTIFICATE|CertificateNotYetValid|alert certificate expired|SEC_E_CERT_EXPIRED|CERT_E_EXPIRED|NotTimeValid|InvalidCertificate\((?:Expired|NotValidYet)|certificate not valid (?:yet|anymore)|X509_V_ERR_CERT_HAS_EXPIRED|cert(?:ificate)? .{0,60}expired (?:on|at|\d+ days ago)/i,
  },
  {
    kind: 'certificate-untrusted-error',
    pattern:
      /self[- ]signed certificate|unable to get (?:local )?issuer certificate|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER|SELF_SIGNED_CERT|signed by unknown authority|PKIX path (?:building|validation) failed|ERR_TLS_CERT_ALTNAME_INVALID|Hostname mismatch|certificate is valid for .{1,200} not |UntrustedRoot|RemoteCertificate(?:NameMismatch|ChainErrors)|CERTIFICATE_VERIFY_FAILED|certificate verify failed|\bUnknownIssuer\b|NotValidForName|SSLPeerUnverified|no alternative (?:certificate )?subject name|SSLHandshakeException|certificate signature failure|unknown ca\b/i,
  },
  {
    kind: 'name-not-resolved',
    pattern:
      /\bENOTFOUND\b|\bEAI_AGAIN\b|getaddrinfo|Name or service not known|Temporary failure in name resolution|nodename nor servname|no such host|UnknownHostException|Name does not resolve|No such host is known|Failed to resolve|NameResolutionError|php_network_getaddresses|failed to lookup address|Could not resolve host|server misbehaving|\bdns error\b|host not found in upstream|could not be resolved \(\d|Resolv::|Name resolution fail|\bNXDOMAIN\b|\bSERVFAIL\b|UnresolvedAddressException|gaierror/i,
  },
  {
    kind: 'rate-limited-error',
    pattern:
      /\b(?:status|code|HTTP(?:\/[\d.]+)?|error|response|returned|answered|responded(?: with)?|got|success)\b\W{0,12}(?:code\W{0,4})?429\b|429 (?:Too Many|Client Error)|Too Many Requests|Rate ?Limit(?:Error|Exceeded|ed)|rate limit(?:ed|ing)?\b.{0,30}(?:exceeded|reached|hit)|(?:exceeded|hit|reached|over) .{0,40}rate limit|rate[- ]limited|ThrottlingException|Throttling:|Rate exceeded|RequestLimitExceeded|ProvisionedThroughputExceeded|TooManyRequestsException|quota (?:has been )?exceeded|RESOURCE_EXHAUSTED.{0,60}(?:quota|rate)|\bSlowDown\b|API call volume|requests? per (?:second|minute) exceeded/i,
  },
  {
    kind: 'authentication-error',
    pattern:
      /\b(?:status|code|HTTP(?:\/[\d.]+)?|error|response|returned|answered|responded(?: with)?|got|success)\b\W{0,12}(?:code\W{0,4})?40[13]\b|40[13] (?:Unauthorized|Forbidden|Client Error)|\binvalid_(?:client|grant)\b|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|\bAccessDenied(?:Exception)?\b|invalid api[- _]?key|incorrect api[- _]?key|api[- _]?key (?:is )?(?:invalid|expired|revoked|disabled)|InvalidClientTokenId|UnrecognizedClientException|(?:token|credentials?|secret|password) (?:has |have |is |are |was )?(?:expired|revoked|invalid|rejected)|bad credentials|Unauthenticated|\bUNAUTHENTICATED\b|AuthenticationException|AuthenticationError|authentication (?:failed|required|error)|Permission denied \(publickey|HttpClientErrorException\$(?:Unauthorized|Forbidden)|Net::SMTPAuthenticationError|535[ -]5\.7\.8|invalid signature|could not authenticate/i,
  },
  {
    kind: 'dependency-timed-out',
    pattern:
      /\bETIMEDOUT\b|ESOCKETTIMEDOUT|\bRead timed out|ReadTimeout|ConnectTimeout|WriteTimeout|UND_ERR_\w+_TIMEOUT|(?:Headers|Body|Connect) ?Timeout ?Error|SocketTimeoutException|HttpTimeoutException|timeout of \d+ ?ms exceeded|context deadline exceeded|Client\.Timeout exceeded|i\/o timeout|Net::(?:Read|Open|Write)Timeout|Faraday::TimeoutError|RestClient::Exceptions::\w*Timeout|cURL error 28|Operation timed out|HttpClient\.Timeout|upstream timed out|timed out \(110|504 Gateway Time|\b(?:status|code|HTTP|error|returned|answered|responded(?: with)?|got)\b\W{0,12}(?:code\W{0,4})?504\b|DEADLINE_EXCEEDED|deadline has elapsed|request timed out|connect(?:ion)?(?: attempt)? timed out|TimeoutException|\bTimeoutError\b|AbortError|This operation was aborted|aborted due to timeout|timed out (?:after|waiting|while|calling)|(?:did not|didn't|not) (?:answer|respond|reply) (?:with)?in\b|WORKER TIMEOUT|execution expired|os error 110|Errno 110|reqwest::Error.{0,200}TimedOut|kind: TimedOut|\btimed out$/i,
  },
  {
    kind: 'connection-refused',
    pattern:
      /\bECONNREFUSED\b|connection refused|actively refused|refused to connect|Errno 111|os error 111|\(111[:)]|connect\(\) failed|\bEHOSTUNREACH\b|\bENETUNREACH\b|No route to host|Network is unreachable|NoRouteToHost|Host is down|no live upstreams|no healthy upstream|upstream connect error|Failed to open TCP connection|HttpHostConnectException|java\.net\.ConnectException|Max retries exceeded with url|NewConnectionError|All connection attempts failed|ConnectError\b|cURL error 7\b|Failed to connect to|Broker(?:s)? (?:is |are )?(?:down|not available)|could not connect to broker|run out of available brokers|NoBrokersAvailable|KafkaConnectionError/i,
  },
  // gRPC's status words are written in capitals: the case matters here.
  { kind: 'dependency-failed', pattern: /\bUNAVAILABLE\b/ },
  {
    kind: 'dependency-failed',
    pattern:
      /\b5\d\d Server Error|\b50[0234] (?:Bad Gateway|Service Unavailable|Internal Server Error|Server Error) (?:for url|from)|Request failed with status code 5\d\d|unexpected (?:response )?status(?: code)?:? ?5\d\d|Http(?:ServerError|StatusCode|Request)Exception|HTTPStatusError|upstream prematurely closed|\bBad Gateway\b|(?:responded|answered|replied|returned|failed|answers)(?: with)?(?: an?)?(?: HTTP)?(?: status)?(?: code)?:? ?\(?5\d\d\b|does not indicate success: 5\d\d|Server returned HTTP response code: 5\d\d|ServiceUnavailable|circuit.?breaker .{0,40}open|CircuitBreaker(?:Open|Error)|BrokenCircuitException|CallNotPermittedException|HystrixRuntimeException|(?:upstream|dependency|gateway|provider|third[- ]party|remote|downstream)(?: \S+){0,4} (?:is )?(?:down|failed|unavailable|unreachable|returned an error)|Faraday::ServerError|RestClient::(?:InternalServerError|BadGateway|ServiceUnavailable)|service (?:is )?(?:temporarily )?unavailable/i,
  },
  {
    kind: 'connection-reset',
    strength: 0.8,
    pattern:
      /\bECONNRESET\b|connection reset|socket hang ?up|RemoteDisconnected|Remote end closed connection|other side closed|UND_ERR_SOCKET|RemoteProtocolError|Server ?Disconnected|forcibly closed|premature EOF|ChunkedEncodingError|unexpected end of stream|Connection aborted|ConnectionClosed|NoHttpResponseException|cURL error (?:52|56)|EOFError|: EOF$|error: network/i,
  },
  { kind: 'connection-reset', strength: 0.35, pattern: /\bEPIPE\b|broken ?pipe/i },
  // The wrapper of Node and browsers, where nothing more telling is inside.
  { kind: 'connection-refused', strength: 0.5, pattern: /\bfetch failed\b|\bFailed to fetch\b/ },
]
