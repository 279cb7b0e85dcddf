#include "ingress/messages_request.hpp"
#include "ingress/openai_request.hpp"
#include "ingress/responses_request.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace openclaw;
using namespace openclaw::ingress;

bool is_sound(const client_request& r) {
    if (r.model.empty() || r.images.size() > 8) return false;
    if (r.text.empty() && r.images.empty() && r.results.empty()) return false;
    for (const auto& outcome : r.results) {
        if (outcome.call_id.empty()) return false;
    }
    for (const auto& row : r.context) {
        if (row.parts.empty()) return false;
    }
    if (!r.tools) return true;
    const auto& choice = r.tools->choice;
    return !r.tools->offered.empty() &&
           (choice.what != tool_choice::kind::named || r.tools->has(choice.name));
}

}  // namespace

// A body of one of the model APIs, which the first byte chooses. What passes is whole; what does not
// is told in words.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto parse = data[0] == 'c'   ? parse_openai_request
                       : data[0] == 'r' ? parse_responses_request
                                        : parse_messages_request;
    if (const auto body = read_body(text, parse); body && body->request) {
        if (!agent_of_model(body->model) || body->model != body->request->model) std::abort();
    }
    const auto document = json_document::parse(text);
    const bool object = document && document->root().is_object();
    const auto request = object ? parse(document->root()) : result<client_request>(bad_request("none"));
    if (request ? !is_sound(*request)
                : request.error().code != errc::invalid_input || request.error().message.empty()) {
        std::abort();
    }
    return 0;
}
