-- Calls a command on a key. A key of another type or with another content than ours is deleted first: hints are
-- disposable, a queue that fails for ever is not.
local function call(command, key, ...)
  local answer = redis.pcall(command, key, ...)
  if type(answer) ~= 'table' or not answer.err then
    return answer
  end
  if string.find(answer.err, 'WRONGTYPE') or string.find(answer.err, 'not an integer') then
    redis.call('DEL', key)
  end
  return redis.call(command, key, ...)
end

-- Leaves a token that wakes one waiting worker.
local function ring(signal)
  if call('LLEN', signal) == 0 then
    call('LPUSH', signal, 1)
  end
end

