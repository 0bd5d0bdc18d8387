-- Requests for wrk. Environment: METHOD, PATH_ (may hold {id}), BODY (may hold {n}), PEOPLE (a file:
-- a token, ids with commas, the second page, with tabs between, for each user), FIRST (how many requests to skip), RESULT (a file).
local method, path, body = os.getenv("METHOD"), os.getenv("PATH_"), os.getenv("BODY")
local people, n = {}, tonumber(os.getenv("FIRST"))

function init()
  for line in io.lines(os.getenv("PEOPLE")) do
    local token, list, following = line:match("^(%S+)\t([^\t]*)\t?(.*)$")
    local person = {token = token, ids = {}, following = following}
    for id in list:gmatch("[^,]+") do person.ids[#person.ids + 1] = id end
    people[#people + 1] = person
  end
end

function request()
  n = n + 1
  -- All people in a fixed order that is not theirs; at each visit to a person their next task.
  local person = people[n * 7919 % #people + 1]
  local id = person.ids[math.floor((n - 1) / #people) % #person.ids + 1]
  local headers = {["Authorization"] = "Bearer " .. person.token, ["Content-Type"] = "application/json"}
  local target = path == "{next}" and person.following or path:gsub("{id}", id)
  return wrk.format(method, target, headers, body ~= "" and body:gsub("{n}", n) or nil)
end

function done(summary, latency)
  local errors, file = summary.errors, io.open(os.getenv("RESULT"), "w")
  file:write(string.format(
    '{"requests": %d, "us": %d, "p50": %d, "p95": %d, "p99": %d, "errors": %d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(95), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
  file:close()
end
