#include "openclaw/core/version.hpp"

namespace openclaw {

std::string_view version() { return OPENCLAW_VERSION; }
std::string_view commit() { return OPENCLAW_COMMIT; }
std::string_view build_type() { return OPENCLAW_BUILD_TYPE; }

}  // namespace openclaw
