#include "openclaw/config/loader.hpp"

#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <string>

// process_environment: the variables of the process, and below them those of a .env file.
namespace openclaw::config {

namespace {

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// What stands between double quotes, with the escapes that shells and .env files share.
std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        switch (text[++i]) {
        case 'n':
            out += '\n';
            break;
        case 'r':
            out += '\r';
            break;
        case 't':
            out += '\t';
            break;
        case '"':
        case '\\':
        case '$':
            out += text[i];
            break;
        default:
            out.append(1, '\\').append(1, text[i]);
        }
    }
    return out;
}

std::string parse_dotenv_value(std::string_view raw) {
    if (raw.size() >= 2 && (raw.front() == '"' || raw.front() == '\'')) {
        const char quote = raw.front();
        std::size_t close = 1;
        while (close < raw.size() && raw[close] != quote)
            close += raw[close] == '\\' && quote == '"' ? 2 : 1;
        if (close < raw.size()) {
            const auto inner = raw.substr(1, close - 1);
            return quote == '"' ? unescape(inner) : std::string(inner);
        }
    }
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '#' && (i == 0 || raw[i - 1] == ' ' || raw[i - 1] == '\t')) {
            return std::string(trim(raw.substr(0, i)));
        }
    }
    return std::string(raw);
}

std::map<std::string, std::string> read_dotenv(const std::filesystem::path& file) {
    std::map<std::string, std::string> variables;
    std::ifstream in(file);
    std::string line;
    while (std::getline(in, line)) {
        auto text = trim(line);
        if (text.starts_with("export ")) text = trim(text.substr(7));
        const auto equals = text.find('=');
        if (text.empty() || text.front() == '#' || equals == std::string_view::npos) continue;
        variables[std::string(trim(text.substr(0, equals)))] =
            parse_dotenv_value(trim(text.substr(equals + 1)));
    }
    return variables;
}

} // namespace

environment process_environment(const std::filesystem::path& dotenv) {
    const auto file =
        std::make_shared<const std::map<std::string, std::string>>(read_dotenv(dotenv));
    return [file](const std::string& name) -> std::optional<std::string> {
        if (const char* value = std::getenv(name.c_str())) return value;
        const auto it = file->find(name);
        return it == file->end() ? std::nullopt : std::optional(it->second);
    };
}

} // namespace openclaw::config
