#include "openclaw/config/editor.hpp"
#include "openclaw/config/loader.hpp"

#include "openclaw/core/encoding.hpp"

#include <cstdlib>

// Any text either passes or has an error with a place; what can be shown of it is well-formed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace openclaw;
    using namespace openclaw::config;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const environment env = [](const std::string& name) {
        return name == "SET" ? std::optional<std::string>("value") : std::nullopt;
    };
    const auto loaded = load_text(text, env);
    for (const auto& i : loaded.issues) {
        if (i.message.empty() || (i.line < 1 && !i.path.empty())) std::abort();
        if (!is_utf8(to_string(i, "file"))) std::abort();
    }
    if (loaded.ok() && loaded.tree == nullptr) std::abort();
    (void)not_in_effect(loaded.settings, text);
    if (!diff(loaded, loaded).empty()) std::abort();
    const auto shown = get_value(loaded, "", false);
    if (!shown || !is_utf8(dump(*shown))) std::abort();
    if (loaded.ok()) {
        const auto set = set_in_text(text, "gateway.network.port", 1234);
        if (set && load_text(*set, env).settings.gateway.network.port != 1234) std::abort();
    }
    return 0;
}
