-- wrk: POST a chat completion. Arguments: model, "stream" or "whole", token.
function init(args)
    local body = '{"model":"' .. args[1] .. '","stream":' .. tostring(args[2] == "stream") ..
        ',"messages":[{"role":"user","content":"How are you today?"}]}'
    wrk.method = "POST"
    wrk.body = body
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Authorization"] = "Bearer " .. args[3]
end
