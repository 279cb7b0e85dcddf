#include "ingress/responses_answer.hpp"

#include "openclaw/core/encoding.hpp"

namespace openclaw::ingress {

namespace {

constexpr std::string_view id_prefix = "resp_";
constexpr std::size_t run_id_size = 36;   // of a UUID

json number_or_null(const std::optional<double>& value) {
    return value ? json(*value) : json(nullptr);
}

json usage_json(const token_usage& u) {
    const auto input = u.input + u.cache_read + u.cache_write;
    return {{"input_tokens", input},
            {"input_tokens_details",
             {{"cached_tokens", u.cache_read}, {"cache_write_tokens", u.cache_write}}},
            {"output_tokens", u.output},
            {"output_tokens_details", {{"reasoning_tokens", 0}}},
            {"total_tokens", input + u.output}};
}

json text_content(std::string_view text) {
    return {{"type", "output_text"},
            {"text", text},
            {"annotations", json::array()},
            {"logprobs", json::array()}};
}

json choice_json(const tool_choice& choice) {
    switch (choice.what) {
    case tool_choice::kind::none: return "none";
    case tool_choice::kind::any: return "required";
    case tool_choice::kind::named: return {{"type", "function"}, {"name", choice.name}};
    case tool_choice::kind::automatic: break;
    }
    return "auto";
}

json tools_json(const client_tools* tools) {
    json list = json::array();
    if (tools == nullptr) return list;
    for (const auto& tool : tools->offered) {
        list.push_back({{"type", "function"},
                        {"name", tool.name},
                        {"description", tool.description},
                        {"parameters", tool.parameters.value()},
                        {"strict", false}});
    }
    return list;
}

bool was_cut(const turn_event& final) {
    return final.calls.empty() && final.stop_reason == "length";
}

bool was_refused(const turn_event& final) {
    return final.calls.empty() && final.stop_reason == "refused";
}

// Of the response and of its message.
std::string_view status_of(const turn_event& final) {
    return was_cut(final) || was_refused(final) ? "incomplete" : "completed";
}

std::string_view error_code_of(errc code) {
    return code == errc::rate_limited || code == errc::queue_full ? "rate_limit_exceeded"
                                                                  : "server_error";
}

}  // namespace

responses_answer::responses_answer(const client_request& request)
    : asked_{{"model", request.model},
             {"instructions", request.instructions.empty() ? json(nullptr) : json(request.instructions)},
             {"max_output_tokens", request.sampling.max_tokens ? json(*request.sampling.max_tokens)
                                                               : json(nullptr)},
             {"metadata", request.metadata},
             {"parallel_tool_calls", !(request.tools && request.tools->choice.one_at_a_time)},
             {"previous_response_id", request.previous_response.empty()
                                          ? json(nullptr)
                                          : json(request.previous_response)},
             {"temperature", number_or_null(request.sampling.temperature)},
             {"tool_choice", choice_json(request.tools ? request.tools->choice : tool_choice{})},
             {"tools", tools_json(request.tools.get())},
             {"top_p", number_or_null(request.sampling.top_p)}} {}

void responses_answer::begin(const answer_facts& facts) {
    facts_ = facts;
}

json responses_answer::response(std::string_view status, json output) const {
    auto out = asked_;
    out["id"] = response_id(facts_.run_id, facts_.session);
    out["object"] = "response";
    out["created_at"] = facts_.created_s;
    out["status"] = status;
    out["error"] = nullptr;
    out["incomplete_details"] = nullptr;
    out["output"] = std::move(output);
    out["usage"] = nullptr;
    return out;
}

json responses_answer::finished(const turn_event& final, json output) const {
    auto out = response(status_of(final), std::move(output));
    if (was_cut(final)) out["incomplete_details"] = {{"reason", "max_output_tokens"}};
    if (was_refused(final)) out["incomplete_details"] = {{"reason", "content_filter"}};
    out["usage"] = usage_json(final.usage);
    return out;
}

json responses_answer::message_item(std::string_view status,
                                    std::optional<std::string_view> text) const {
    return {{"type", "message"},
            {"id", "msg_" + facts_.run_id},
            {"role", "assistant"},
            {"phase", "final_answer"},
            {"status", status},
            {"content", text ? json::array({text_content(*text)}) : json::array()}};
}

json responses_answer::call_item(std::size_t index, const tool_call& call) const {
    return {{"type", "function_call"},
            {"id", "fc_" + facts_.run_id + "_" + std::to_string(index)},
            {"call_id", call.id},
            {"name", call.name},
            {"arguments", call.arguments.empty() ? "{}" : call.arguments},
            {"status", "completed"}};
}

std::string responses_answer::whole(const turn_event& final, std::string_view text) {
    json output = json::array();
    if (!text.empty() || final.calls.empty()) output.push_back(message_item(status_of(final), text));
    for (const auto& call : final.calls) output.push_back(call_item(output.size(), call));
    return dump(finished(final, std::move(output)));
}

void responses_answer::event(std::string& out, std::string_view type, json members) {
    members["type"] = type;
    members["sequence_number"] = sequence_++;
    out += "event: ";
    out += type;
    out += "\ndata: ";
    out += dump(members);
    out += "\n\n";
}

void responses_answer::head(std::string& out) {
    const auto begun = response("in_progress", json::array());
    event(out, "response.created", {{"response", begun}});
    event(out, "response.in_progress", {{"response", begun}});
}

void responses_answer::begin_message(std::string& out) {
    message_open_ = true;
    const auto item = message_item("in_progress", std::nullopt);
    event(out, "response.output_item.added", {{"output_index", 0}, {"item", item}});
    event(out, "response.content_part.added",
          {{"item_id", item["id"]}, {"output_index", 0}, {"content_index", 0}, {"part", text_content("")}});
}

void responses_answer::text(std::string& out, std::string_view delta) {
    if (!message_open_) begin_message(out);
    said_ += delta;
    event(out, "response.output_text.delta",
          {{"item_id", "msg_" + facts_.run_id},
           {"output_index", 0},
           {"content_index", 0},
           {"delta", delta},
           {"logprobs", json::array()}});
}

void responses_answer::end_message(std::string& out, const json& item) {
    const json place{{"item_id", item["id"]}, {"output_index", 0}, {"content_index", 0}};
    auto done = place;
    done["text"] = said_;
    done["logprobs"] = json::array();
    event(out, "response.output_text.done", std::move(done));
    auto part = place;
    part["part"] = text_content(said_);
    event(out, "response.content_part.done", std::move(part));
    event(out, "response.output_item.done", {{"output_index", 0}, {"item", item}});
}

void responses_answer::call_events(std::string& out, const json& item, std::size_t index) {
    auto begun = item;
    begun["arguments"] = "";
    begun["status"] = "in_progress";
    event(out, "response.output_item.added", {{"output_index", index}, {"item", begun}});
    const json place{{"item_id", item["id"]}, {"output_index", index}};
    auto delta = place;
    delta["delta"] = item["arguments"];
    event(out, "response.function_call_arguments.delta", std::move(delta));
    auto done = place;
    done["name"] = item["name"];
    done["arguments"] = item["arguments"];
    event(out, "response.function_call_arguments.done", std::move(done));
    event(out, "response.output_item.done", {{"output_index", index}, {"item", item}});
}

void responses_answer::end(std::string& out, const turn_event& final) {
    if (!message_open_ && final.calls.empty()) begin_message(out);
    json output = json::array();
    if (message_open_) {
        auto item = message_item(status_of(final), said_);
        end_message(out, item);
        output.push_back(std::move(item));
    }
    for (const auto& call : final.calls) {
        auto item = call_item(output.size(), call);
        call_events(out, item, output.size());
        output.push_back(std::move(item));
    }
    const auto done = finished(final, std::move(output));
    event(out, "response." + done["status"].get<std::string>(), {{"response", done}});
    out += "data: [DONE]\n\n";
}

void responses_answer::failure(std::string& out, const error& why, const std::string&) {
    auto failed = response("failed", json::array());
    if (message_open_) failed["output"].push_back(message_item("incomplete", said_));
    failed["error"] = {{"code", error_code_of(why.code)}, {"message", public_message(why)}};
    event(out, "response.failed", {{"response", failed}});
    out += "data: [DONE]\n\n";
}

std::string response_id(std::string_view run_id, std::string_view session) {
    return std::string(id_prefix) + std::string(run_id) + "_" + to_base64url(session);
}

std::optional<response_origin> origin_of_response(std::string_view id) {
    constexpr auto head = id_prefix.size() + run_id_size;
    if (!id.starts_with(id_prefix) || id.size() < head + 2 || id[head] != '_') return std::nullopt;
    auto session = from_base64(id.substr(head + 1));
    if (!session || session->empty()) return std::nullopt;
    return response_origin{std::string(id.substr(id_prefix.size(), run_id_size)), std::move(*session)};
}

}  // namespace openclaw::ingress
