# What the tree is built on. Each is a Debian 12 package; packaging/quickstart.sh installs them.

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(simdjson 3.0 REQUIRED)
find_package(mimalloc 2.0 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED COMPONENTS core)
find_path(OPENCLAW_BOOST_INCLUDE boost/asio/awaitable.hpp REQUIRED)

# cctz comes without a file for CMake.
find_path(OPENCLAW_CCTZ_INCLUDE cctz/time_zone.h REQUIRED)
find_library(OPENCLAW_CCTZ cctz REQUIRED)
add_library(openclaw_cctz INTERFACE)
target_include_directories(openclaw_cctz SYSTEM INTERFACE ${OPENCLAW_CCTZ_INCLUDE})
target_link_libraries(openclaw_cctz INTERFACE ${OPENCLAW_CCTZ})
