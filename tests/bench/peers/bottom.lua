#!lua name=bottom
-- A group of figures, each "measure org value", into a sorted set per measure: the place of the
-- quartile (type 7) by rank, and who crossed by score. Its verdicts are hashes, an organisation each.

local function cut_of(measure)
    local h = (redis.call('ZCARD', 'm:' .. measure) - 1) * 0.25
    if h < 0 then
        return nil
    end
    local at = redis.call('ZRANGE', 'm:' .. measure, math.floor(h), math.floor(h) + 1, 'WITHSCORES')
    local lo, hi = tonumber(at[2]), tonumber(at[4] or at[2])
    return lo + (h - math.floor(h)) * (hi - lo)
end

local function number(value)
    return string.format('%.17g', value)
end

-- The latest figure of each place, by measure.
local function latest(args)
    local by_measure = {}
    for i = 1, #args, 3 do
        local measure, value = args[i], tonumber(args[i + 2])
        by_measure[measure] = by_measure[measure] or {}
        by_measure[measure][args[i + 1]] = tonumber(measure) % 2 == 1 and value or -value
    end
    return by_measure
end

-- Calls step(org, +1 or -1) for who enters or leaves the bottom quartile of the measure.
local function follow(measure, given, step)
    local key, old_cut = 'm:' .. measure, tonumber(redis.call('HGET', 'cut', measure) or '-inf')
    local before, add = {}, {}
    for org, value in pairs(given) do
        before[org] = tonumber(redis.call('ZSCORE', key, org) or 'inf')
        add[#add + 1] = number(value)
        add[#add + 1] = org
    end
    for from = 1, #add, 4000 do
        redis.call('ZADD', key, unpack(add, from, math.min(from + 3999, #add)))
    end
    local cut = cut_of(measure)
    for org, value in pairs(given) do
        local way = (value < cut and 1 or 0) - (before[org] < old_cut and 1 or 0)
        if way ~= 0 then
            step(org, way)
        end
    end
    if cut ~= old_cut then
        redis.call('HSET', 'cut', measure, number(cut))
        local from, to = math.min(cut, old_cut), math.max(cut, old_cut)
        local between = redis.call('ZRANGE', key, number(from), '(' .. number(to), 'BYSCORE')
        for _, org in ipairs(between) do
            if not given[org] then
                step(org, cut > old_cut and 1 or -1)
            end
        end
    end
end

local function judge(org, by_theme, count)
    local key, total, themes = 'v:' .. org, 0, 0
    local row = redis.call('HMGET', key, 't0', 't1', 't2', 't3', 't4', 'segment')
    local set = {}
    for theme = 0, 4 do
        local bottom = tonumber(row[theme + 1] or 0) + (by_theme[theme] or 0)
        if (by_theme[theme] or 0) ~= 0 then
            set[#set + 1] = 't' .. theme
            set[#set + 1] = bottom
        end
        total = total + bottom
        themes = themes + (bottom > 0 and 1 or 0)
    end
    local segment = (total >= count and themes >= 2) and '3' or '2'
    if segment ~= (row[6] or '2') then
        redis.call('XADD', 'transitions', '*', 'org', org, 'after', segment)
        set[#set + 1] = 'segment'
        set[#set + 1] = segment
    end
    if #set > 0 then
        redis.call('HSET', key, unpack(set))
    end
end

redis.register_function('bottom', function(keys, args)
    local count = tonumber(table.remove(args, 1))
    local steps = {}
    for measure, given in pairs(latest(args)) do
        local theme = tonumber(measure) % 5
        follow(measure, given, function(org, way)
            steps[org] = steps[org] or {}
            steps[org][theme] = (steps[org][theme] or 0) + way
        end)
    end
    for org, by_theme in pairs(steps) do
        judge(org, by_theme, count)
    end
    return redis.status_reply('OK')
end)
