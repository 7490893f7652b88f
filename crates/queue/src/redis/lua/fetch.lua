-- KEYS: active, data, signal, waiting, sequence of each priority, the highest first.
-- ARGV: most hints wanted (the last message may go beyond), most messages to look at.
-- Takes messages out of Redis and answers their bytes.
local wanted, looks, messages = tonumber(ARGV[1]), tonumber(ARGV[2]), {}

-- How many hints an id of ours says its message holds; 0 for others' ids.
local function hints_of(id)
  local hints = tonumber(string.match(id, '^%d+%-(%d+)$') or 0)
  return hints <= 64 and hints or 0
end

-- Takes from one priority; whether that emptied it. False says nothing.
local function take(active, data, waiting)
  while wanted > 0 and looks > 0 do
    local asked = math.min(wanted, looks)
    local ids = call('LRANGE', active, 0, asked - 1)
    if #ids == 0 then
      return true
    end
    local count, hints = 0, 0
    while count < #ids and hints < wanted do
      count = count + 1
      hints = hints + hints_of(ids[count])
    end
    call('LTRIM', active, count, -1)
    for _, message in ipairs(call('HMGET', data, unpack(ids, 1, count))) do
      if message then
        messages[#messages + 1] = message
      end
    end
    call('HDEL', data, unpack(ids, 1, count))
    wanted, looks = wanted - hints, looks - count
    if count < asked and count == #ids then
      return true
    end
    call('DECRBY', waiting, hints)
  end
  return false
end

for first = 1, #KEYS, 5 do
  local active, data, signal, waiting, sequence = unpack(KEYS, first, first + 4)
  if take(active, data, waiting) or call('LLEN', active) == 0 then
    redis.call('DEL', signal, waiting, sequence)
  else
    -- Others may have slots for what is left.
    ring(signal)
  end
end
return messages
