-- KEYS: active, data, signal, waiting, sequence of each priority, the highest first.
-- ARGV: most hints wanted (the last message may go beyond), most messages to look at.
-- Takes messages out of Redis and answers their bytes.
local wanted, looks, messages = tonumber(ARGV[1]), tonumber(ARGV[2]), {}

-- How many hints an id of ours says its message holds; 0 for others' ids.
local function hints_of(id)
  local hints = tonumber(string.match(id, '^%d+%-(%d+)$') or 0)
  return hints <= 64 and hints or 0
end

-- Takes from one priority, at most `looks` messages.
local function take(active, data, waiting)
  local ids = call('LRANGE', active, 0, math.min(wanted, looks) - 1)
  local count, hints = 0, 0
  while count < #ids and hints < wanted do
    count = count + 1
    hints = hints + hints_of(ids[count])
  end
  if count == 0 then
    return 0
  end
  call('LTRIM', active, count, -1)
  for _, message in ipairs(call('HMGET', data, unpack(ids, 1, count))) do
    if message then
      messages[#messages + 1] = message
    end
  end
  call('HDEL', data, unpack(ids, 1, count))
  call('DECRBY', waiting, hints)
  wanted, looks = wanted - hints, looks - count
  return count
end

for first = 1, #KEYS, 5 do
  local active, data, signal, waiting, sequence = unpack(KEYS, first, first + 4)
  while wanted > 0 and looks > 0 and take(active, data, waiting) > 0 do
  end
  if call('LLEN', active) == 0 then
    redis.call('DEL', signal, waiting, sequence)
  else
    -- Others may have slots for what is left.
    ring(signal)
  end
end
return messages
