# openclaw_module(<name> [DEPENDS <modules>...] [LINK <libraries>...])
#
# One static library `openclaw_<name>` from src/<name>/*.cpp. DEPENDS names the modules that it
# may call, so that the linker repeats the rule of the levels.
function(openclaw_module name)
    cmake_parse_arguments(arg "" "" "DEPENDS;LINK" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
    if(NOT sources)
        set(sources ${CMAKE_BINARY_DIR}/pch.cpp)
    endif()
    add_library(openclaw_${name} STATIC ${sources})
    target_include_directories(openclaw_${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(openclaw_${name} PUBLIC openclaw_options Threads::Threads
        nlohmann_json::nlohmann_json ${arg_LINK})
    foreach(module IN LISTS arg_DEPENDS)
        target_link_libraries(openclaw_${name} PUBLIC openclaw_${module})
    endforeach()
    target_precompile_headers(openclaw_${name} REUSE_FROM openclaw_pch)
endfunction()

# openclaw_test(<module> [LINK <libraries>...])
#
# One test program `test_<module>` from tests/<module>/*.cpp.
function(openclaw_test name)
    cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${name}/*.cpp)
    if(NOT sources)
        return()
    endif()
    add_executable(test_${name} ${sources})
    target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/tests)
    target_compile_definitions(test_${name} PRIVATE
        OPENCLAW_SOURCE_DIR="${CMAKE_SOURCE_DIR}" OPENCLAW_BINARY="$<TARGET_FILE:openclaw>")
    target_link_libraries(test_${name} PRIVATE openclaw_${name} ${arg_LINK} GTest::gmock_main)
    target_precompile_headers(test_${name} REUSE_FROM openclaw_pch)
    gtest_discover_tests(test_${name} TEST_PREFIX ${name}. NO_PRETTY_VALUES DISCOVERY_TIMEOUT 60)
endfunction()
