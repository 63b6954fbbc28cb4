namespace Codomyrmex.Networking.Redis.Internal;

/// <summary>
/// The two things that happen to a count, each in one step of the server's and on the server's clock: no two callers see the same room, and no machine's
/// clock matters. A count is a hash with its own expiry; times in it are microseconds since 1970.
/// </summary>
/// <remarks>
/// <c>tat</c> is the time at which the bucket is full again (the generic cell rate algorithm: one number holds a bucket). <c>pause</c> is the end of a
/// pause. <c>left:UNIT:NAME</c>, <c>reset:…</c> and <c>limit:…</c> hold what a server said of a quota.
/// </remarks>
internal static class Scripts
{
    private const string Clock = """
        local t = redis.call('TIME')
        local now = t[1] * 1000000 + t[2]

        """;

    /// <summary>Takes one request and its tokens, or says in microseconds how long there is no room. ARGV: µs a request (0: no rate), burst, tokens.</summary>
    public const string Take = Clock + """
        local key, each, burst, tokens = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local values, state = redis.call('HGETALL', key), {}
        for i = 1, #values, 2 do state[values[i]] = tonumber(values[i + 1]) end
        local wait, last = (state['pause'] or 0) - now, now
        local take = {}
        for field, left in pairs(state) do
            local unit, name = string.match(field, '^left:(%a):(.*)$')
            if unit then
                local id = unit .. ':' .. name
                local cost, reset, limit = 1, state['reset:' .. id] or 0, state['limit:' .. id]
                if unit == 't' then cost = tokens end
                if reset <= now then
                    take[#take + 1] = { field, 'gone', id }
                elseif cost > 0 then
                    if limit and cost > limit then cost = limit end
                    if left < cost then wait = math.max(wait, reset - now) end
                    take[#take + 1] = { field, left - cost }
                    last = math.max(last, reset)
                end
            end
        end
        local tat = math.max(state['tat'] or 0, now)
        if each > 0 then wait = math.max(wait, tat - (burst - 1) * each - now) end
        if wait > 0 then return math.ceil(wait) end
        if each > 0 then
            tat = tat + each
            redis.call('HSET', key, 'tat', string.format('%.0f', tat))
            last = math.max(last, tat)
        end
        for _, one in ipairs(take) do
            if one[2] == 'gone' then redis.call('HDEL', key, one[1], 'reset:' .. one[3], 'limit:' .. one[3])
            else redis.call('HSET', key, one[1], string.format('%.0f', one[2])) end
        end
        if redis.call('PTTL', key) < (last - now) / 1000 then redis.call('PEXPIRE', key, math.ceil((last - now) / 1000) + 1000) end
        return 0
        """;

    /// <summary>
    /// Keeps what a server said. ARGV: µs of pause (0: none), then for each quota its unit and name (<c>r:NAME</c>), what is left, µs until it resets, its
    /// limit (-1: unknown). Within a window what is left only falls: it was counted down here already. Names come from servers, so their number is bounded.
    /// </summary>
    public const string Report = Clock + """
        local key, last = KEYS[1], now
        local pause = tonumber(ARGV[1])
        if pause > 0 then
            local till = math.max(tonumber(redis.call('HGET', key, 'pause') or 0), now + pause)
            redis.call('HSET', key, 'pause', string.format('%.0f', till))
            last = till
        end
        for i = 2, #ARGV, 4 do
            local id, left, reset, limit = ARGV[i], tonumber(ARGV[i + 1]), now + tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3])
            local known = tonumber(redis.call('HGET', key, 'reset:' .. id) or 0)
            if known > now and math.abs(known - reset) <= 1500000 then
                left = math.min(left, tonumber(redis.call('HGET', key, 'left:' .. id) or left))
                reset = math.max(known, reset)
            end
            if known > 0 or redis.call('HLEN', key) < 100 then
                redis.call('HSET', key, 'left:' .. id, string.format('%.0f', left), 'reset:' .. id, string.format('%.0f', reset))
                if limit >= 0 then redis.call('HSET', key, 'limit:' .. id, string.format('%.0f', limit)) end
                last = math.max(last, reset)
            end
        end
        if redis.call('PTTL', key) < (last - now) / 1000 then redis.call('PEXPIRE', key, math.ceil((last - now) / 1000) + 1000) end
        return 0
        """;
}
