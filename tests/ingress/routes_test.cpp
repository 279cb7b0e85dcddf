#include "ingress/routes.hpp"

#include <gtest/gtest.h>

namespace openclaw::ingress {
namespace {

struct match_case {
    const char* name;
    const char* method;
    const char* path;
    const char* found;   // the route's path; "": none
    const char* rest;
    const char* allow;
};
void PrintTo(const match_case& c, std::ostream* out) { *out << c.name; }

class route_table : public testing::TestWithParam<match_case> {};

TEST_P(route_table, matches) {
    const auto& c = GetParam();
    const auto m = match_route(c.method, c.path, "/metrics");
    EXPECT_EQ(m.found == nullptr ? "" : m.found->path, c.found);
    EXPECT_EQ(m.rest, c.rest);
    EXPECT_EQ(m.allow, c.allow);
}

const std::vector<match_case> match_cases{
    {"get", "GET", "/health", "/health", "", ""},
    {"head", "HEAD", "/health", "/health", "", ""},
    {"post_to_get", "POST", "/health", "", "", "GET, HEAD"},
    {"options_to_get", "OPTIONS", "/readyz", "", "", "GET, HEAD"},
    {"get_to_post", "GET", "/v1/chat/completions", "", "", "POST"},
    {"head_to_post", "HEAD", "/v1/chat/completions", "", "", "POST"},
    {"lower_case_method", "get", "/health", "", "", "GET, HEAD"},
    {"unknown", "GET", "/nothing", "", "", ""},
    {"root", "GET", "/", "", "", ""},
    {"empty", "GET", "", "", "", ""},
    {"slash_at_end", "GET", "/health/", "", "", ""},
    {"prefix_only", "GET", "/healthcheck", "", "", ""},
    {"upper_case", "GET", "/HEALTH", "", "", ""},
    {"models", "GET", "/v1/models", "/v1/models", "", ""},
    {"one_model", "GET", "/v1/models/openclaw/main", "/v1/models/*", "openclaw/main", ""},
    {"no_model", "GET", "/v1/models/", "", "", ""},
    {"hook", "POST", "/hooks/github", "/hooks/*", "github", ""},
    {"hook_get", "GET", "/hooks/github", "", "", "POST"},
    {"no_hook", "POST", "/hooks/", "", "", ""},
    {"rest", "PATCH", "/api/sessions/main", "/api/sessions/{key}", "", ""},
    {"rest_of_another_method", "PUT", "/api/models", "", "", "GET, HEAD"},
    {"openapi", "GET", "/api/openapi.json", "/api/openapi.json", "", ""},
    {"openapi_post", "POST", "/api/openapi.json", "", "", "GET, HEAD"},
    {"metrics", "GET", "/metrics", "/metrics", "", ""},
};
INSTANTIATE_TEST_SUITE_P(, route_table, testing::ValuesIn(match_cases),
                         [](const auto& i) { return std::string(i.param.name); });

TEST(routes, metrics_are_where_the_configuration_puts_them) {
    EXPECT_NE(match_route("GET", "/internal/figures", "/internal/figures").found, nullptr);
    EXPECT_EQ(match_route("GET", "/metrics", "/internal/figures").found, nullptr);
}

TEST(routes, each_has_exactly_one_way_to_be_served) {
    for (const auto& r : all_routes()) {
        EXPECT_NE(r.quick == nullptr, r.handler == nullptr) << r.path;
        EXPECT_TRUE(r.quick == nullptr || r.max_body == 0) << r.path;
        EXPECT_EQ(r.max_body > 0, r.method == "POST") << r.path;
        EXPECT_TRUE(r.path.starts_with('/')) << r.path;
    }
}

}  // namespace
}  // namespace openclaw::ingress
