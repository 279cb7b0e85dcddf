-- wrk: POST a webhook. Argument: the secret.
function init(args)
    wrk.method = "POST"
    wrk.body = '{"text":"How are you today?"}'
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Authorization"] = "Bearer " .. args[1]
end
