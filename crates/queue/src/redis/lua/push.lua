-- KEYS: active, data, signal, waiting, sequence of the priority; then the waiting counters of all priorities.
-- ARGV: most hints that may wait in the priority; then for each message how many hints it holds, and its bytes.
-- Answers how many hints wait in all priorities.
local active, data, signal, waiting, sequence = unpack(KEYS, 1, 5)

-- A counter of another type or content counts as none; INCRBY repairs it.
local own, total = 0, 0
for i, count in ipairs(call('MGET', unpack(KEYS, 6))) do
  local waits = math.max(0, tonumber(count or 0) or 0)
  total = total + waits
  if KEYS[5 + i] == waiting then
    own = waits
  end
end

local pushed = 0
for i = 2, #ARGV, 2 do
  local hints = tonumber(ARGV[i])
  if own + pushed + hints > tonumber(ARGV[1]) then
    break
  end
  -- The number of hints is part of the id, so that a fetch knows how many messages it needs without their bytes.
  local id = call('INCR', sequence) .. '-' .. hints
  call('HSET', data, id, ARGV[i + 1])
  call('RPUSH', active, id)
  pushed = pushed + hints
end

if pushed > 0 then
  call('INCRBY', waiting, pushed)
  ring(signal)
end
return total + pushed
