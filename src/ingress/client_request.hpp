#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/core/json_view.hpp"
#include "openclaw/model/client_tools.hpp"
#include "openclaw/model/inbound.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the model APIs over HTTP (Chat Completions, Responses, Messages) have in common: the request
// that their parsers make, and what those are made of. All of it is pure; invalid_input names the
// field that does not pass.
namespace openclaw::ingress {

struct client_request {
    std::string model;
    bool stream = false;
    bool include_usage = false;          // of a Chat Completions stream
    std::string user;                    // whose conversation it is; empty: nobody's
    std::string previous_response;       // of Responses, which repeats these in its answer:
    std::string instructions;
    json metadata = json::object();
    std::string text;                    // the last user message: what is asked
    std::vector<image_part> images;
    std::vector<tool_result> results;    // what the client's tools gave since the last answer
    std::vector<chat_message> context;   // what came before
    std::string system;                  // instructions, joined
    openclaw::sampling sampling;
    std::shared_ptr<const client_tools> tools;   // null: the client brings none
};

error bad_request(std::string what);

// The members of a body: absent and null leave `out` as it is.
result<void> read_text(json_view body, const char* key, std::string& out);
result<void> read_flag(json_view body, const char* key, bool& out);
result<void> read_number(json_view body, const char* key, double low, double high,
                         std::optional<double>& out);
result<void> read_positive(json_view body, const char* key, std::optional<std::int64_t>& out);
// A string or a list of at most so many.
result<void> read_words(json_view body, const char* key, std::size_t most, std::vector<std::string>& out);
// "data:image/png;base64,…"; `what` names the field.
result<image_part> read_data_url(std::string_view url, std::string_view what);

// The text and the pictures of one message; texts are joined by line ends.
struct message_content {
    std::string text;
    std::vector<image_part> images;

    void add(std::string_view more);
};

// Puts a request's conversation together, message by message, and divides it at the end into what
// came before, results and question.
class conversation {
public:
    void instruct(std::string text);
    void user(message_content c);
    void assistant(std::string text);
    // A call of the answer before it; one without an answer begins one.
    void call(tool_call c);
    void result_of(tool_result r);

    // Into text, images, results, context and system of `out`. Answers at the end without calls are
    // dropped, for nobody asks after them.
    result<void> divide(client_request& out, std::string_view field) &&;

private:
    void join_questions();

    std::string system_;
    std::vector<chat_message> rows_;
};

// Collects the tools of a request: names that are valid and differ, at most 128.
class tool_list {
public:
    result<void> add(std::string_view name, std::string_view description, json_view parameters);
    // Null when there is no tool; the choice must be one that they allow.
    result<std::shared_ptr<const client_tools>> finish(tool_choice choice) &&;

private:
    client_tools tools_;
};

// A body: the model it names, and the request that it is if the model is an agent; that of a provider
// is not read. Errors: not JSON, no object, two models.
struct api_body {
    std::string model;
    result<client_request> request;
};
result<api_body> read_body(std::string_view text, result<client_request> (*parse)(json_view body));

// The agent that a model name stands for: "openclaw" and "openclaw/default" the default one (empty),
// "openclaw/<id>", "openclaw:<id>" and "agent:<id>" that one; nothing for any other name.
std::optional<std::string> agent_of_model(std::string_view model);

}  // namespace openclaw::ingress
