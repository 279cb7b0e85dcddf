#include "openclaw/tools/tool.hpp"

namespace openclaw::tools {

void registry::add(std::unique_ptr<tool> t) {
    definitions_.push_back(t->definition());
    tools_.push_back(std::move(t));
}

tool* registry::find(std::string_view name) const {
    for (const auto& t : tools_) {
        if (t->definition().name == name) return t.get();
    }
    return nullptr;
}

}  // namespace openclaw::tools
