// Says when cron expressions come next, for check_cron.mjs, which compares that with croner. A line of
// input is "<zone>\t<unix seconds>\t<how many>\t<expression>"; its answer is the next occurrences in
// unix seconds with spaces between, or "error" and the message.

#include "openclaw/routing/cron_expression.hpp"

#include <iostream>
#include <sstream>

namespace {

using namespace openclaw;

result<std::string> answer(const std::string& line) {
    std::istringstream in(line);
    std::string zone_name, from, many, text;
    std::getline(in, zone_name, '\t');
    std::getline(in, from, '\t');
    std::getline(in, many, '\t');
    std::getline(in, text);
    const auto zone = routing::time_zone::find(zone_name);
    if (!zone) return zone.error();
    const auto cron = routing::cron_expression::parse(text);
    if (!cron) return cron.error();
    std::string out;
    std::optional<std::chrono::sys_seconds> t(std::chrono::seconds(std::stoll(from)));
    for (int n = std::stoi(many); n > 0; --n) {
        t = cron->next_after(*t, *zone);
        if (!t) break;
        out += (out.empty() ? "" : " ") + std::to_string(t->time_since_epoch().count());
    }
    return out;
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        const auto said = answer(line);
        std::cout << (said ? *said : "error " + said.error().to_string()) << '\n';
    }
    return 0;
}
