-- KEYS: active, data, signal, waiting, sequence of the priority; then the waiting counters of all priorities.
-- ARGV: most hints that may wait in the priority; then for each message how many hints it holds, and its bytes.
-- Answers how many hints wait in all priorities.
local active, data, signal, waiting, sequence = unpack(KEYS, 1, 5)

local room = tonumber(ARGV[1]) - (tonumber(call('GET', waiting)) or 0)
local pushed = 0
for i = 2, #ARGV, 2 do
  local hints = tonumber(ARGV[i])
  if pushed + hints > room then
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

local total = 0
for i = 6, #KEYS do
  total = total + math.max(0, tonumber(call('GET', KEYS[i])) or 0)
end
return total
