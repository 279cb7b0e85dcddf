#include "openclaw/tools/tool.hpp"

namespace openclaw::tools {

void registry::add(std::unique_ptr<tool> t) {
    tools_.push_back(std::move(t));
}

tool* registry::find(std::string_view name) const {
    for (const auto& t : tools_) {
        if (t->definition().name == name) return t.get();
    }
    return nullptr;
}

std::vector<tool_definition> registry::definitions() const {
    std::vector<tool_definition> all;
    all.reserve(tools_.size());
    for (const auto& t : tools_) all.push_back(t->definition());
    return all;
}

}  // namespace openclaw::tools
