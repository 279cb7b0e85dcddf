// docs/protocol.md lists the methods of this gateway; the list is written from the table.

#include "ingress/methods.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace openclaw::ingress {
namespace {

constexpr std::string_view begin_mark = "<!-- methods: written by test_ingress -->\n";
constexpr std::string_view end_mark = "<!-- end of methods -->\n";

std::string method_list() {
    std::ostringstream out;
    out << "| method | scope |\n| --- | --- |\n";
    for (const auto& m : all_methods()) {
        out << "| `" << m.name << "` | ";
        if (m.of == audience::nodes) out << "a node's own";
        else if (m.needed_for != nullptr) out << '*';
        else out << (m.needed ? std::string(name_of(*m.needed)) : "none");
        out << (m.in_effect ? " |\n" : ", not in effect |\n");
    }
    return out.str();
}

TEST(generated, the_protocol_page_lists_the_methods) {
    const auto file = std::string(OPENCLAW_SOURCE_DIR) + "/docs/protocol.md";
    std::ostringstream read;
    read << std::ifstream(file).rdbuf();
    const auto text = read.str();
    const auto begin = text.find(begin_mark), end = text.find(end_mark);
    ASSERT_NE(begin, std::string::npos);
    ASSERT_NE(end, std::string::npos);
    const auto from = begin + begin_mark.size();
    const auto wanted = text.substr(0, from) + method_list() + text.substr(end);
    if (std::getenv("OPENCLAW_WRITE_GENERATED") != nullptr) std::ofstream(file) << wanted;
    else EXPECT_TRUE(text == wanted) << "write it anew with OPENCLAW_WRITE_GENERATED=1 test_ingress";
}

}  // namespace
}  // namespace openclaw::ingress
