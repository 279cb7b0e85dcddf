#include "openclaw/tools/tool.hpp"

#include "openclaw/core/encoding.hpp"
#include "openclaw/core/exception.hpp"
#include "openclaw/core/log.hpp"


namespace openclaw::tools {

namespace {

// What one call may add to the conversation; more would push everything else out of the window.
constexpr std::size_t max_result = 256 << 10;

std::string names_of(const registry& tools) {
    std::string names;
    for (const auto& d : tools.definitions()) {
        if (!names.empty()) names += ", ";
        names += d.name;
    }
    return names.empty() ? "none" : names;
}

result<json> arguments_of(const tool_call& call) {
    if (call.arguments.find_first_not_of(" \t\r\n") == std::string::npos) return json::object();
    auto arguments = parse_json(call.arguments);
    if (!arguments) {
        return error(errc::invalid_input, "the arguments are " + arguments.error().message,
                     "Send one JSON object that fits the tool's schema.");
    }
    if (!arguments->is_object()) {
        return error(errc::invalid_input, "the arguments are no JSON object",
                     "Send one JSON object that fits the tool's schema.");
    }
    return arguments;
}

std::string bounded(std::string text) {
    if (text.size() <= max_result) return text;
    const auto all = text.size();
    text.resize(utf8_prefix(text, max_result).size());
    return text + "\n[cut here: the whole result has " + std::to_string(all) + " bytes]";
}

task<result<std::string>> invoke(tool& t, const json& arguments, const tool_context& context) {
    std::exception_ptr failure;
    try {
        co_return co_await t.invoke(arguments, context);
    } catch (...) {
        failure = std::current_exception();
    }
    // A cancelled turn ends here as everywhere; any other exception is a bug of the tool, which
    // must not take the turn with it.
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) std::rethrow_exception(failure);
    log::error("tools", "a tool threw",
               {{"tool", t.definition().name}, {"error", describe(failure)}});
    co_return error(errc::internal, "the tool failed unexpectedly");
}

}  // namespace

task<tool_result> run_call(const registry& tools, const tool_call& call,
                           const tool_context& context) {
    tool_result out{call.id, call.name, {}, true};
    auto* t = tools.find(call.name);
    if (t == nullptr) {
        out.text = "There is no tool \"" + printable(call.name, 128) +
                   "\". Available: " + names_of(tools) + ".";
        co_return out;
    }
    const auto arguments = arguments_of(call);
    if (!arguments) {
        out.text = arguments.error().to_string();
        co_return out;
    }
    auto answer = co_await invoke(*t, *arguments, context);
    out.is_error = !answer;
    out.text = bounded(answer ? std::move(*answer) : answer.error().to_string());
    co_return out;
}

}  // namespace openclaw::tools
