-- Requests for wrk. Environment:
--   METHOD, PATH_ (may contain {id} or be {next}), BODY (may contain {n})
--   USERS: a file with a line for each user: token, task ids (by commas), second page, separated by tabs
--   FIRST: how many requests to skip
--   RESULT: the file to write
local method, path, body = os.getenv("METHOD"), os.getenv("PATH_"), os.getenv("BODY")
local users, n = {}, tonumber(os.getenv("FIRST"))

function init()
  for line in io.lines(os.getenv("USERS")) do
    local token, list, second_page = line:match("^(%S+)\t([^\t]*)\t?(.*)$")
    local user = {token = token, ids = {}, second_page = second_page}
    for id in list:gmatch("[^,]+") do user.ids[#user.ids + 1] = id end
    users[#users + 1] = user
  end
end

function request()
  n = n + 1
  -- All users, in a fixed order that differs from that of the file, each time with the next task of the user.
  local user = users[n * 7919 % #users + 1]
  local id = user.ids[math.floor((n - 1) / #users) % #user.ids + 1]
  local headers = {["Authorization"] = "Bearer " .. user.token, ["Content-Type"] = "application/json"}
  -- A poll asks whether anything changed.
  local checkpoint = path == "{next}" and user.second_page:match("since=(.+)$")
  if checkpoint then headers["If-None-Match"] = '"' .. checkpoint .. '"' end
  local target = path == "{next}" and user.second_page or path:gsub("{id}", id)
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
