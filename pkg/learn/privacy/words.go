package privacy

// protocolWords are words of protocols: they stay in names that get new ones.
const protocolWords = `
GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY HTTP HTTPS _OTHER
OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED
RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED
SELECT INSERT UPDATE DELETE MERGE UPSERT REPLACE CREATE ALTER DROP TRUNCATE BEGIN COMMIT ROLLBACK CALL EXECUTE INTO FROM WHERE
SET HGET HSET HMGET HMSET HGETALL MGET MSET DEL INCR DECR EXPIRE EXISTS PING LPUSH RPUSH LPOP RPOP ZADD ZRANGE SADD SMEMBERS PUBLISH SUBSCRIBE
find aggregate insert update delete get put scan batch_get
send receive process publish create settle deliver ack nack
chat embeddings text_completion generate_content invoke_agent create_agent execute_tool invoke_workflow plan retrieval
tools/call tools/list prompts/get prompts/list resources/read resources/list initialize
SERVER CLIENT PRODUCER CONSUMER INTERNAL UNSET ERROR
grpc http https db messaging none rpc sql tcp udp tls mcp a2a api v1 v2 v3
true false null unknown other unknown_service timeout unavailable error exception
{id} {hex} {digits} {uuid} {word} {email} {host} {ip} {user} {path}
`

// languageWords are the keys and the words of scenario, config and resource files, and
// those of comments in what is learnt.
const languageWords = `
a2a active_requests address after agent agents all allow alternatives arrivals at async attributes base batch body broken buckets bytes calls capacity
categorical closed config connections constant conversation cores count count_from curve database definitions deny description destination
distribution dimensions duration emit_logs emit_metrics empirical entities error error_rate error_type event events exponential extends failed fill forms
from gamma gen_ai geometric group http if_failed in_mix instances instrument interval_deviation_ms interval_ms items jitter kind latency
latency_factor library link load log_normal logs mean median median_ms memory messaging metrics min max_attempts max mix mixture name names
namespace network nodejs noise normal none ok one_of operation operations optional otelsim own parallel pareto pattern per per_load per_request
per_waiting percent phases poisson pool port probability process protocol queue quantile quantiles rate repeat_count request requests resource
resource_attributes retry retryable_errors success_rate_per_attempt failed_variants backoff_base_ms backoff_multiplier backoff_jitter root runtime sampling scenario scenarios scope sequence service services session session_id sessions severity shape
share sigma signals span spans static status sticky style system systems tags target telemetry temporality text think_time timeout to trace
traces triangular type type_weights types uniform unit use user value values variance variant variants vendor version warning warn debug info
fatal weibull weight weights when window windows words workload_weight zipf minutes seconds hours times daily weekly bursts late later somewhat distance together start started starts
otel opentelemetry telemetry.sdk.name telemetry.sdk.language telemetry.sdk.version service.name service.version service.namespace
service.instance.id deployment.environment deployment.environment.name cumulative delta counter updowncounter gauge histogram
exponential_histogram learnt learned capture captured files generated learn report kept left names named because below above between within
least most fewer than which these their there where those were every other others share shares distinct different once twice with without
says said seen have been from file files line lines notes note number numbers average point points record records template templates
mapping about after before under least number median comments counts nothing something alone asked begins beyond bundled called chance changes claimed comes common
constants corpus depends differential differs enough exception follow follows holds house infinity leave means message messages nearest nobody outcome
outcomes parent privacy profile project promises renamed second stddev unless unnamed whatever whole whose child children other-1 several always never
annotations brief definition development otherwise registries registry stability
could greatest iterations might often places simplicity stands taken tenth written
queue.length selected another continues linked empty present method measured single shape shapes value values waits caller callers answer answers attribute learn
java python go nodejs dotnet ruby php rust erlang swift cpp webjs javascript typescript kotlin scala elixir
linux windows darwin amd64 arm64 x86_64 docker kubernetes
`
