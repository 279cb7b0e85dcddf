#include "ingress/rest.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

struct rest_match_case {
    const char* name;
    const char* method;
    const char* path;
    const char* found;   // the template; "": none
    std::vector<std::string_view> values;
    const char* allow;
};
void PrintTo(const rest_match_case& c, std::ostream* out) { *out << c.name; }

class rest_matching : public testing::TestWithParam<rest_match_case> {};

TEST_P(rest_matching, finds) {
    const auto& c = GetParam();
    const auto m = match_rest(c.method, c.path);
    EXPECT_EQ(m.found == nullptr ? "" : m.found->at.path, c.found);
    EXPECT_EQ(m.values, c.values);
    EXPECT_EQ(m.allow, c.allow);
}

const std::vector<rest_match_case> match_cases{
    {"list", "GET", "/api/sessions", "/api/sessions", {}, ""},
    {"head", "HEAD", "/api/sessions", "/api/sessions", {}, ""},
    {"one", "GET", "/api/sessions/main", "/api/sessions/{key}", {"main"}, ""},
    {"encoded", "GET", "/api/sessions/a%2Fb", "/api/sessions/{key}", {"a%2Fb"}, ""},
    {"two", "GET", "/api/sessions/main/messages/m%3A1", "/api/sessions/{key}/messages/{messageId}",
     {"main", "m%3A1"}, ""},
    {"literal_after_name", "POST", "/api/sessions/main/reset", "/api/sessions/{key}/reset",
     {"main"}, ""},
    {"other_method", "PUT", "/api/sessions", "", {}, "GET, HEAD, POST"},
    {"other_method_of_one", "POST", "/api/sessions/main", "", {}, "GET, HEAD, PATCH, DELETE"},
    {"get_of_post", "GET", "/api/sessions/main/reset", "", {}, "POST"},
    {"lower_case_method", "get", "/api/models", "", {}, "GET, HEAD"},
    {"slash_at_end", "GET", "/api/sessions/", "", {}, ""},
    {"slash_behind_one", "GET", "/api/sessions/main/", "", {}, ""},
    {"empty_name", "GET", "/api/sessions//messages", "", {}, ""},
    {"too_long", "GET", "/api/sessions/main/messages/1/2", "", {}, ""},
    {"unknown", "GET", "/api/nothing", "", {}, ""},
    {"events_are_elsewhere", "GET", "/api/sessions/main/events", "", {}, ""},
    {"bare", "GET", "/api/", "", {}, ""},
    {"not_api", "GET", "/apix/sessions", "", {}, ""},
};
INSTANTIATE_TEST_SUITE_P(, rest_matching, testing::ValuesIn(match_cases),
                         [](const auto& i) { return std::string(i.param.name); });

// What a request becomes: the params, or the error's words.
struct params_case {
    const char* name;
    const char* method;
    const char* target;
    const char* body;
    const char* fields;   // "Name: value", one at most
    const char* params;   // JSON, or
    const char* problem = "";
};
void PrintTo(const params_case& c, std::ostream* out) { *out << c.name; }

class rest_reading : public testing::TestWithParam<params_case> {};

TEST_P(rest_reading, gives) {
    const auto& c = GetParam();
    net::http_request request;
    request.method = c.method;
    request.target = c.target;
    request.body = c.body;
    const std::string field = c.fields;
    if (const auto colon = field.find(": "); colon != std::string::npos) {
        request.headers.add(field.substr(0, colon), field.substr(colon + 2));
    }
    const auto match = match_rest(request.method, request.path());
    ASSERT_NE(match.found, nullptr);
    seeded_random random(1);
    const auto params = rest_params(match, request, random);
    if (*c.problem != '\0') {
        ASSERT_FALSE(params);
        EXPECT_EQ(params.error().code, errc::invalid_input);
        EXPECT_EQ(params.error().to_string(), c.problem);
    } else {
        ASSERT_TRUE(params) << params.error().to_string();
        EXPECT_EQ(*params, json::parse(c.params));
    }
}

const std::vector<params_case> params_cases{
    {"nothing", "GET", "/api/sessions", "", "", "{}"},
    {"empty_query", "GET", "/api/sessions?", "", "", "{}"},
    {"types", "GET", "/api/sessions?limit=5&includeLastMessage=true&search=a+b%26c&archived=all", "",
     "", R"({"limit":5,"includeLastMessage":true,"search":"a b&c","archived":"all"})"},
    {"archived_flag", "GET", "/api/sessions?archived=false", "", "", R"({"archived":false})"},
    {"negative", "GET", "/api/sessions?offset=-1", "", "", R"({"offset":-1})"},
    {"text_that_is_a_number", "GET", "/api/sessions?label=7", "", "", R"({"label":"7"})"},
    {"empty_text", "GET", "/api/sessions?label", "", "", R"({"label":""})"},
    {"path", "GET", "/api/sessions/agent%3Amain%3Aa%2Fb", "", "", R"({"key":"agent:main:a/b"})"},
    {"path_by_another_name", "GET", "/api/sessions/main/messages", "", "", R"({"sessionKey":"main"})"},
    {"plus_in_a_path", "GET", "/api/sessions/a+b", "", "", R"({"key":"a+b"})"},
    {"default", "GET", "/api/runs/r1", "", "", R"({"runId":"r1","timeoutMs":0})"},
    {"over_a_default", "GET", "/api/runs/r1?timeoutMs=9", "", "", R"({"runId":"r1","timeoutMs":9})"},
    {"body", "PATCH", "/api/sessions/main", R"({"label":null,"pinned":true})", "",
     R"({"key":"main","label":null,"pinned":true})"},
    {"body_left_out", "POST", "/api/sessions/main/reset", "", "", R"({"key":"main"})"},
    {"texts", "POST", "/api/devices/d/token/rotate", R"({"role":"operator","scopes":["a"]})", "",
     R"({"deviceId":"d","role":"operator","scopes":["a"]})"},
    {"idempotency", "POST", "/api/sessions/main/messages", R"({"message":"hi"})",
     "idempotency-key: k1", R"({"sessionKey":"main","message":"hi","idempotencyKey":"k1"})"},

    {"unknown_query", "GET", "/api/models?view=all", "", "", "",
     R"(query parameter "view" is unknown; none is known here)"},
    {"unknown_query_with_others", "GET", "/api/logs?tail=1", "", "", "",
     R"(query parameter "tail" is unknown; known here: cursor, limit, maxBytes)"},
    {"query_for_a_body", "POST", "/api/sessions/main/reset?reason=new", "", "", "",
     R"(query parameter "reason" is unknown; none is known here)"},
    {"path_name_in_query", "GET", "/api/sessions/main?key=other", "", "", "",
     R"(query parameter "key" is unknown; known here: includeDerivedTitles, includeLastMessage)"},
    {"no_integer", "GET", "/api/sessions?limit=1e3", "", "", "",
     R"(query parameter "limit" must be an integer)"},
    {"integer_too_large", "GET", "/api/sessions?limit=9223372036854775808", "", "", "",
     R"(query parameter "limit" must be an integer)"},
    {"no_boolean", "GET", "/api/sessions?includeLastMessage=1", "", "", "",
     R"(query parameter "includeLastMessage" must be true or false)"},
    {"no_boolean_or_all", "GET", "/api/sessions?archived=some", "", "", "",
     R"(query parameter "archived" must be true, false or all)"},
    {"twice", "GET", "/api/sessions?limit=1&limit=2", "", "", "",
     R"(query parameter "limit" is there twice)"},
    {"not_utf8", "GET", "/api/sessions?label=%ff", "", "", "",
     R"(query parameter "label" must be a string)"},
    {"broken_escape", "GET", "/api/sessions?label=%4", "", "", "",
     R"(query parameter "label" has a broken %-escape)"},
    {"broken_path", "GET", "/api/sessions/%zz", "", "", "",
     R"(path parameter "key" has a broken %-escape)"},
    {"control_in_path", "GET", "/api/sessions/a%00b", "", "", "",
     R"(path parameter "key" must be text without control characters)"},
    {"no_json", "POST", "/api/sessions", "{", "", "",
     "the body is no JSON: not valid JSON at byte 2"},
    {"no_object", "POST", "/api/sessions", "[]", "", "", "the body must be a JSON object"},
    {"unknown_member", "POST", "/api/sessions/main/messages", R"({"message":"a","model":"x"})", "", "",
     R"(body member "model" is unknown; known here: message, agentId)"},
    {"path_name_in_body", "PATCH", "/api/sessions/main", R"({"key":"other"})", "", "",
     R"(body member "key" is unknown; known here: label, model, )"
     R"(category, icon, color, pinned, archived, unread, expectedSessionId)"},
    {"member_of_another_type", "POST", "/api/sessions/main/messages", R"({"message":7})", "", "",
     R"(body member "message" must be a string)"},
    {"needed_member_null", "POST", "/api/sessions/main/messages", R"({"message":null})", "", "",
     R"(body member "message" must be a string)"},
    {"needed_member_missing", "POST", "/api/sessions/main/messages", "{}", "", "",
     R"(body member "message" is missing)"},
    {"no_texts", "POST", "/api/devices/d/token/rotate", R"({"role":"operator","scopes":[1]})", "", "",
     R"(body member "scopes" must be a list of strings)"},
};
INSTANTIATE_TEST_SUITE_P(, rest_reading, testing::ValuesIn(params_cases),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(rest_params, a_path_value_has_a_bound) {
    net::http_request request;
    request.method = "GET";
    for (const std::size_t size : {max_path_value, max_path_value + 1}) {
        request.target = "/api/sessions/" + std::string(size, 'k');
        seeded_random random(1);
        const auto match = match_rest("GET", request.path());
        EXPECT_EQ(rest_params(match, request, random).has_value(), size == max_path_value);
    }
}

TEST(rest_params, a_key_is_made_for_who_sends_none) {
    net::http_request request;
    request.method = "POST";
    request.target = "/api/sessions/main/messages";
    request.body = R"({"message":"hi"})";
    seeded_random random(1);
    const auto match = match_rest("POST", request.path());
    const auto one = rest_params(match, request, random), other = rest_params(match, request, random);
    EXPECT_EQ(string_or(*one, "idempotencyKey").size(), 36u);
    EXPECT_NE(string_or(*one, "idempotencyKey"), string_or(*other, "idempotencyKey"));
}

TEST(rest_params, a_field_is_there_once) {
    net::http_request request;
    request.method = "POST";
    request.target = "/api/sessions";
    request.headers.add("Idempotency-Key", "a");
    request.headers.add("Idempotency-Key", "b");
    seeded_random random(1);
    const auto params = rest_params(match_rest("POST", "/api/sessions"), request, random);
    ASSERT_FALSE(params);
    EXPECT_EQ(params.error().to_string(), "header \"Idempotency-Key\" is there twice");
}

struct form_case {
    const char* name;
    const char* type;
    const char* coding;
    bool good;
};
const std::vector<form_case> form_cases{
    {"json", "application/json", "", true},
    {"charset", "Application/JSON; charset=utf-8", "identity", true},
    {"space", "application/json ;charset=utf-8", "", true},
    {"none", "", "", false},
    {"form", "application/x-www-form-urlencoded", "", false},
    {"longer", "application/jsonx", "", false},
    {"gzip", "application/json", "gzip", false},
};

TEST(rest_params, bodies_are_json) {
    for (const auto& c : form_cases) {
        net::http_request request;
        request.headers.add("Content-Type", c.type);
        request.headers.add("Content-Encoding", c.coding);
        EXPECT_FALSE(body_form_problem(request)) << "no body, nothing to say: " << c.name;
        request.body = "{}";
        EXPECT_EQ(!body_form_problem(request), c.good) << c.name;
    }
}

bool is_name(std::string_view s) { return s.starts_with('{'); }

// The segments of a template.
std::vector<std::string> segments(std::string_view path) {
    std::vector<std::string> out;
    while (!path.empty()) {
        out.emplace_back(path.substr(0, path.find('/')));
        path.remove_prefix(std::min(path.size(), out.back().size() + 1));
    }
    return out;
}

bool can_meet(std::string_view a, std::string_view b) {
    const auto one = segments(a), other = segments(b);
    if (one.size() != other.size()) return false;
    for (std::size_t i = 0; i < one.size(); ++i) {
        if (one[i] != other[i] && !is_name(one[i]) && !is_name(other[i])) return false;
    }
    return true;
}

TEST(rest_table, no_two_rows_answer_the_same_request) {
    const auto rows = all_rest_routes();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_NE(find_method(rows[i].operation), nullptr) << rows[i].operation;
        EXPECT_FALSE(rows[i].summary.empty());
        EXPECT_TRUE(rows[i].at.path.starts_with("/api/"));
        for (std::size_t j = i + 1; j < rows.size(); ++j) {
            const bool same = rows[i].at.method == rows[j].at.method;
            EXPECT_FALSE(same && can_meet(rows[i].at.path, rows[j].at.path))
                << rows[i].at.path << " " << rows[j].at.path;
        }
    }
}

TEST(rest_table, params_are_where_they_can_be) {
    for (const auto& row : all_rest_routes()) {
        std::vector<std::string_view> in_path;
        for (const auto& p : row.params) {
            EXPECT_FALSE(p.doc.empty()) << row.at.path << p.name;
            if (p.in == value_place::path) in_path.push_back(p.name);
            if (p.in == value_place::body) {
                EXPECT_GT(row.at.max_body, 0u) << row.at.path;
            } else {
                EXPECT_NE(p.kind, value_kind::texts) << row.at.path;
            }
        }
        EXPECT_EQ(in_path, names_in(row.at.path));
        if (row.at.method == "GET" || row.at.method == "DELETE") {
            EXPECT_EQ(row.at.max_body, 0u);
        } else {
            EXPECT_GT(row.at.max_body, 0u) << "a client may well send {}";
        }
        if (!row.defaults.empty()) {
            EXPECT_TRUE(parse_json(row.defaults) && parse_json(row.defaults)->is_object());
        }
    }
}

}  // namespace
}  // namespace openclaw::ingress
