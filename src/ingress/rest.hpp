#pragma once

#include "openclaw/core/json.hpp"
#include "openclaw/core/random.hpp"
#include "ingress/methods.hpp"
#include "ingress/routes.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

// `/api/…`: the WebSocket methods as resources (product.md §6). There is one table and one handler;
// what an operation does stands with its method alone.
namespace openclaw::ingress {

enum class value_kind {
    text,
    integer,
    boolean,
    boolean_or_all,   // true, false or "all"
    texts,            // a list of strings, in a body
    object,           // in a body
    tag,              // an entity tag (RFC 9110 §8.8.3), in a header; the method gets what it quotes
};

enum class value_place {
    path, query, header,
    body,       // a member of the body
    whole,      // the body itself, as text
};

// What a request may say to a route, and how the method calls it.
struct rest_param {
    value_place in;
    std::string_view name;
    value_kind kind = value_kind::text;
    std::string_view doc;
    std::string_view as = {};   // the method's name for it; empty: the same
    bool required = false;      // of a path always
    bool made = false;          // a new UUID when it is absent
};

// One route: the method that it stands for, and what becomes of the result.
struct rest_route {
    route at;                   // the path is a template: "/api/sessions/{key}"
    std::string_view operation;
    std::string_view summary;
    std::span<const rest_param> params = {};
    int status = 200;
    std::string_view defaults = {}; // a JSON object: what the method is told unless the request says
    std::string_view tag = {};      // the member of the result that goes into ETag
    std::string_view needed = {};   // the member of the result that lacks when there is no such thing
};

constexpr std::size_t max_path_value = 512;      // bytes, decoded
constexpr std::size_t max_rest_body = 1 << 20;
constexpr std::size_t max_message_body = 20 << 20;

std::span<const rest_route> all_rest_routes();

struct rest_match {
    const rest_route* found = nullptr;
    std::vector<std::string_view> values;   // of the template's names, in order, not decoded
    std::string allow;                      // without `found`: the methods that the path has
};
// Pure. `path` is not decoded. HEAD is served by GET.
rest_match match_rest(std::string_view method, std::string_view path);

// The names in a template, in order.
std::vector<std::string_view> names_in(std::string_view path_template);

// The method's params, from path, query, fields and body. invalid_input names what is unknown,
// missing, twice there or of the wrong type.
result<json> rest_params(const rest_match& match, const net::http_request& request,
                         random_source& random);
// Why the body cannot be read whatever it holds: a coding, or a type that is not JSON.
std::optional<std::string> body_form_problem(const net::http_request& request);

task<http_answer> route_rest(http_call call);
// GET /sessions/<key>/history: what GET /api/sessions/<key>/messages says, with the messages as `items` too.
task<http_answer> route_session_history(http_call call);
task<http_answer> route_openapi(http_call call);

// What a route of routes.hpp does, in a sentence; empty for one that openapi.cpp does not know.
std::string_view summary_of(const route& r);
// The OpenAPI 3.1 document of every route, plain ones and REST. Pure.
json openapi_document(std::string_view version, std::string_view metrics_path);

}  // namespace openclaw::ingress
