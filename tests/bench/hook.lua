-- wrk: POST to webhooks in turn. Arguments: the secret, the number of hooks.
local hooks, next_hook

function init(args)
    hooks, next_hook = tonumber(args[2]), 0
    wrk.method = "POST"
    wrk.body = '{"text":"How are you today?"}'
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Authorization"] = "Bearer " .. args[1]
end

function request()
    next_hook = (next_hook + 1) % hooks
    return wrk.format(nil, "/hooks/bench" .. next_hook)
end
