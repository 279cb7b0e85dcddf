#include "net/proxy.hpp"

#include "net/address_policy.hpp"
#include "openclaw/core/encoding.hpp"
#include "openclaw/net/http.hpp"

#include <charconv>

namespace openclaw::net {

namespace {

error bad_proxy(const std::string& why) {
    // The text itself stays out: it may hold a password.
    return error(errc::config, "the proxy of the environment is not usable: " + why,
                 "Write HTTPS_PROXY and HTTP_PROXY like http://user:password@host:3128.");
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string first_of(const proxy_rules::environment& variable, const char* low, const char* up) {
    for (const char* name : {low, up}) {
        const char* value = variable(name);
        if (value != nullptr && *value != '\0') return value;
    }
    return {};
}

result<std::string> basic_authorization(std::string_view user_info) {
    auto colon = user_info.find(':');
    auto user = percent_decode(user_info.substr(0, colon));
    auto password = colon == std::string_view::npos ? result<std::string>(std::string())
                                                    : percent_decode(user_info.substr(colon + 1));
    if (!user || !password) return bad_proxy("its user name or password has a broken % escape");
    return "Basic " + to_base64(*user + ':' + *password);
}

}  // namespace

result<proxy> parse_proxy(std::string_view text) {
    text = trim(text);
    if (text.find("://") == std::string_view::npos) {
        // curl and others take a bare host:port.
    } else if (lower(text.substr(0, text.find("://"))) == "http") {
        text.remove_prefix(text.find("://") + 3);
    } else {
        return bad_proxy("only the scheme http is supported");
    }
    text = text.substr(0, text.find('/'));
    proxy out;
    auto at = text.rfind('@');
    if (at != std::string_view::npos) {
        auto value = basic_authorization(text.substr(0, at));
        if (!value) return value.error();
        out.authorization = std::move(*value);
        text.remove_prefix(at + 1);
    }
    auto parsed = parse_url("http://" + std::string(text));
    if (!parsed) return bad_proxy("its host or port is malformed");
    out.host = parsed->host;
    out.port = parsed->port;
    return out;
}

proxy_rules proxy_rules::read(const environment& variable) {
    proxy_rules out;
    auto plain = first_of(variable, "http_proxy", "HTTP_PROXY");
    auto secure = first_of(variable, "https_proxy", "HTTPS_PROXY");
    if (!plain.empty()) out.plain_ = parse_proxy(plain);
    if (!secure.empty()) out.secure_ = parse_proxy(secure);
    auto exempted = first_of(variable, "no_proxy", "NO_PROXY");
    std::string_view rest = exempted;
    while (!rest.empty()) {
        auto comma = rest.find(',');
        out.exempt(trim(rest.substr(0, comma)));
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
    }
    return out;
}

void proxy_rules::exempt(std::string_view entry) {
    if (entry.empty()) return;
    if (entry == "*") {
        nobody_ = true;
        return;
    }
    std::string_view bare = entry;
    if (bare.front() == '[' && bare.back() == ']') bare = bare.substr(1, bare.size() - 2);
    if (auto range = cidr_set::parse({std::string(bare)})) {
        ranges_.push_back(std::move(*range));
        return;
    }
    exemption name;
    auto colon = entry.rfind(':');
    if (colon != std::string_view::npos) {
        auto last = entry.data() + entry.size();
        auto [stop, bad] = std::from_chars(entry.data() + colon + 1, last, name.port);
        // An entry that cannot be read exempts nothing; the request then fails at the proxy.
        if (bad != std::errc() || stop != last) return;
        entry = entry.substr(0, colon);
    }
    if (entry.starts_with("*.")) entry.remove_prefix(1);
    if (entry.starts_with('.')) entry.remove_prefix(1);
    name.suffix = lower(entry);
    if (!name.suffix.empty()) names_.push_back(std::move(name));
}

bool proxy_rules::is_exempt(const url& to) const {
    if (nobody_ || is_loopback_host(to.host)) return true;
    std::string_view host = to.host;
    if (host.ends_with('.')) host.remove_suffix(1);
    for (const auto& [suffix, port] : names_) {
        if (port != 0 && port != to.port) continue;
        if (host == suffix) return true;
        if (host.size() > suffix.size() && host.ends_with(suffix) &&
            host[host.size() - suffix.size() - 1] == '.') {
            return true;
        }
    }
    boost::system::error_code not_numeric;
    auto address = boost::asio::ip::make_address(to.host, not_numeric);
    if (not_numeric) return false;
    for (const auto& range : ranges_) {
        if (range.contains(address)) return true;
    }
    return false;
}

result<const proxy*> proxy_rules::find(const url& to) const {
    const auto& chosen = to.is_tls() ? secure_ : plain_;
    if (!chosen || to.is_unix() || is_exempt(to)) return nullptr;
    if (!*chosen) return chosen->error();
    return &**chosen;
}

}  // namespace openclaw::net
